import type * as autoscaling from 'aws-cdk-lib/aws-autoscaling'
import type { Construct } from 'constructs'
import { MachineGroups } from './auto-scaling-groups.ts'
import { ManagedInstances } from './managed-instances.ts'
import type { MachinesInput } from './machines-input.ts'
import type { Placement } from '../side-services.ts'

/** What workers run on, as the ECS services need to know it. */
export interface Machines {
  /** Id of the pair of ECS services: another kind of capacity is another pair. */
  readonly sidesId: string
  readonly placement: Placement
  /** Auto Scaling groups that the scaler sizes. */
  readonly groups: readonly autoscaling.CfnAutoScalingGroup[]
  /** What has to stand before an ECS service can use it. */
  readonly needed: readonly Construct[]
}

export function makeMachines(scope: Construct, input: MachinesInput): Machines {
  const { kind } = input.plan
  if (kind === 'managed-instances') {
    const { capacityProvider } = new ManagedInstances(scope, 'ManagedInstances', input)
    const placement = { kind: 'capacity-provider', name: capacityProvider.ref } as const
    return { sidesId: 'OnManagedInstances', placement, groups: [], needed: [capacityProvider] }
  }
  if (kind === 'auto-scaling-group') {
    const { groups } = new MachineGroups(scope, 'MachineGroups', input)
    return { sidesId: 'OnMachineGroups', placement: { kind: 'ec2' }, groups, needed: groups }
  }
  return { sidesId: 'OnFargate', placement: { kind: 'fargate' }, groups: [], needed: [] }
}
