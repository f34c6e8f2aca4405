import {
  type ContainerInstance,
  type ContainerInstanceStatus,
  DescribeContainerInstancesCommand,
  ECSClient,
  ListContainerInstancesCommand,
  UpdateContainerInstancesStateCommand,
} from '@aws-sdk/client-ecs'
import type { FleetSettings } from '../aws-settings.ts'
import { clientSettings } from '../client-settings.ts'

/** A machine that has joined the cluster. */
export interface JoinedMachine {
  readonly arn: string
  readonly machineId: string
  /** ECS places tasks on it. */
  readonly isReady: boolean
  /** It was told to take no more. */
  readonly isDraining: boolean
  /** Tasks that run on it, or start. */
  readonly tasks: number
}

/** ECS: machines of one DescribeContainerInstances. */
const MAX_DESCRIBED = 100

/** The machines as ECS sees them. */
export class EcsMachines {
  readonly #client: ECSClient
  readonly #cluster: string

  constructor(settings: FleetSettings) {
    this.#client = new ECSClient(clientSettings(settings, 'fleet'))
    this.#cluster = settings.clusterName
  }

  async list(signal: AbortSignal): Promise<JoinedMachine[]> {
    const arns: string[] = []
    let nextToken: string | undefined
    do {
      const input = { cluster: this.#cluster, ...(nextToken !== undefined && { nextToken }) }
      const command: ListContainerInstancesCommand = new ListContainerInstancesCommand(input)
      const answer = await this.#client.send(command, { abortSignal: signal })
      arns.push(...(answer.containerInstanceArns ?? []))
      nextToken = answer.nextToken
    } while (nextToken !== undefined)
    return this.#describe(arns, signal)
  }

  /**
   * Takes an empty machine out of ECS's choice, and looks again: a task may have come meanwhile.
   *
   * @returns whether it is empty and stays so; otherwise it is back in the choice
   */
  async closeIfEmpty({ arn }: JoinedMachine, signal: AbortSignal): Promise<boolean> {
    await this.#setStatus(arn, 'DRAINING', signal)
    const [now] = await this.#describe([arn], signal)
    if (now === undefined || now.tasks === 0) return true
    await this.#setStatus(arn, 'ACTIVE', signal)
    return false
  }

  close(): void {
    this.#client.destroy()
  }

  async #setStatus(
    arn: string,
    status: ContainerInstanceStatus,
    signal: AbortSignal,
  ): Promise<void> {
    const input = { cluster: this.#cluster, containerInstances: [arn], status }
    const command = new UpdateContainerInstancesStateCommand(input)
    const { failures = [] } = await this.#client.send(command, { abortSignal: signal })
    if (failures[0] !== undefined) throw new Error(`ECS on ${arn}: ${failures[0].reason}`)
  }

  async #describe(arns: readonly string[], signal: AbortSignal): Promise<JoinedMachine[]> {
    const found: JoinedMachine[] = []
    for (let from = 0; from < arns.length; from += MAX_DESCRIBED) {
      const containerInstances = arns.slice(from, from + MAX_DESCRIBED)
      const input = { cluster: this.#cluster, containerInstances }
      const command = new DescribeContainerInstancesCommand(input)
      const answer = await this.#client.send(command, { abortSignal: signal })
      const unseen = (answer.failures ?? []).find(({ reason }) => reason !== 'MISSING')
      if (unseen !== undefined) throw new Error(`ECS on ${unseen.arn}: ${unseen.reason}`)
      found.push(...(answer.containerInstances ?? []).flatMap(toJoined))
    }
    return found
  }
}

/** A machine whose tasks ECS does not count is taken as busy. */
function toJoined(instance: ContainerInstance): JoinedMachine[] {
  const { containerInstanceArn: arn, ec2InstanceId: machineId, status, agentConnected } = instance
  if (arn === undefined || machineId === undefined || status === 'INACTIVE') return []
  const { runningTasksCount = 1, pendingTasksCount = 0 } = instance
  return [
    {
      arn,
      machineId,
      isReady: status === 'ACTIVE' && agentConnected === true,
      isDraining: status === 'DRAINING',
      tasks: runningTasksCount + pendingTasksCount,
    },
  ]
}
