import {
  AutoScalingClient,
  type AutoScalingGroup,
  DescribeAutoScalingGroupsCommand,
  DescribeScalingActivitiesCommand,
  SetDesiredCapacityCommand,
  SuspendProcessesCommand,
  TerminateInstanceInAutoScalingGroupCommand,
} from '@aws-sdk/client-auto-scaling'
import type { MachineSettings } from '../aws-settings.ts'
import { clientSettings } from '../client-settings.ts'

export interface ScalingGroup {
  readonly name: string
  readonly desired: number
  /** EC2 ids of the machines that it has or starts; not those that it ends. */
  readonly machineIds: readonly string[]
}

/**
 * The Auto Scaling groups of one fleet. It only grows them, and ends machines by name: EC2 Auto
 * Scaling itself never chooses which one goes, since it does not know which are busy.
 */
export class ScalingGroups {
  readonly #client: AutoScalingClient
  readonly #names: readonly string[]
  readonly #settled = new Set<string>()

  constructor(settings: MachineSettings) {
    this.#client = new AutoScalingClient(clientSettings(settings, 'fleet'))
    this.#names = settings.machines.groups
  }

  /**
   * In the order of preference.
   *
   * @throws Error unless all groups are seen: what is not seen has an unknown size
   */
  async describe(signal: AbortSignal): Promise<ScalingGroup[]> {
    const command = new DescribeAutoScalingGroupsCommand({
      AutoScalingGroupNames: [...this.#names],
    })
    const { AutoScalingGroups = [] } = await this.#client.send(command, { abortSignal: signal })
    return this.#names.map((name) => {
      const found = AutoScalingGroups.find((group) => group.AutoScalingGroupName === name)
      if (found === undefined) throw new Error(`the Auto Scaling group ${name} is missing`)
      return toGroup(name, found)
    })
  }

  /**
   * Whether the group's last try to start a machine failed: there is no capacity, or no quota.
   *
   * Source: Amazon EC2 Auto Scaling API Reference, Activity.StatusCode.
   */
  async lastStartFailed({ name }: ScalingGroup, signal: AbortSignal): Promise<boolean> {
    const command = new DescribeScalingActivitiesCommand({
      AutoScalingGroupName: name,
      MaxRecords: 1,
    })
    const { Activities = [] } = await this.#client.send(command, { abortSignal: signal })
    const code = Activities[0]?.StatusCode
    return code === 'Failed' || code === 'Cancelled'
  }

  async setDesired({ name }: ScalingGroup, desired: number, signal: AbortSignal): Promise<void> {
    await this.#settle(name, signal)
    const command = new SetDesiredCapacityCommand({
      AutoScalingGroupName: name,
      DesiredCapacity: desired,
      HonorCooldown: false,
    })
    await this.#client.send(command, { abortSignal: signal })
  }

  /** The group gets smaller by this machine. */
  async end(machineId: string, signal: AbortSignal): Promise<void> {
    const command = new TerminateInstanceInAutoScalingGroupCommand({
      InstanceId: machineId,
      ShouldDecrementDesiredCapacity: true,
    })
    await this.#client.send(command, { abortSignal: signal })
  }

  close(): void {
    this.#client.destroy()
  }

  /**
   * EC2 Auto Scaling balances uneven zones by ending machines, busy or not. CloudFormation cannot
   * switch that off, so it is done before the group first grows.
   */
  async #settle(name: string, signal: AbortSignal): Promise<void> {
    if (this.#settled.has(name)) return
    const input = { AutoScalingGroupName: name, ScalingProcesses: ['AZRebalance'] }
    await this.#client.send(new SuspendProcessesCommand(input), { abortSignal: signal })
    this.#settled.add(name)
  }
}

function toGroup(
  name: string,
  { DesiredCapacity, Instances = [] }: AutoScalingGroup,
): ScalingGroup {
  if (DesiredCapacity === undefined) throw new Error(`the Auto Scaling group ${name} has no size`)
  const staying = Instances.filter(
    ({ LifecycleState = '' }) => !/^(Term|Detach)/.test(LifecycleState),
  )
  const machineIds = staying.flatMap(({ InstanceId }) => InstanceId ?? [])
  return { name, desired: DesiredCapacity, machineIds }
}
