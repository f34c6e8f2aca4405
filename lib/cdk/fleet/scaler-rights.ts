import { Stack } from 'aws-cdk-lib'
import type * as autoscaling from 'aws-cdk-lib/aws-autoscaling'
import type * as ecs from 'aws-cdk-lib/aws-ecs'
import * as iam from 'aws-cdk-lib/aws-iam'
import { acknowledgeWildcards } from '../acknowledge.ts'
import { tasksOf } from './task-roles.ts'

export interface FleetParts {
  readonly cluster: ecs.ICluster
  readonly serviceArns: readonly string[]
  /** Whoever gives a service a task definition hands these roles to ECS. */
  readonly passedRoles: readonly iam.IRole[]
  /** Auto Scaling groups, where the scaler sizes them. */
  readonly groups: readonly autoscaling.CfnAutoScalingGroup[]
}

/** What an observation of the fleet reads. */
export function grantObserving(
  grantee: iam.IGrantable,
  { cluster, serviceArns }: FleetParts,
): void {
  allow(grantee, ['ecs:DescribeServices'], [...serviceArns])
  allow(grantee, ['ecs:DescribeTasks'], [tasksOf(cluster)])
  // ECS checks a listing against the cluster in the condition, not against a resource.
  allow(grantee, ['ecs:ListTasks'], ['*'], { ArnEquals: { 'ecs:cluster': cluster.clusterArn } })
  // Neither has a resource to name.
  allow(grantee, ['ecs:DescribeTaskDefinition', 'ecs:ListTaskDefinitions'], ['*'])
  acknowledgeWildcards(
    grantee.grantPrincipal,
    { resources: ['*', tasksOf(cluster)] },
    'Tasks get their ids as they start. ecs:ListTasks is held to this cluster by a condition; task definitions, which may be seen but not changed, cannot be named.',
  )
}

/** What the scaler does with the fleet, beside observing it. */
export function grantScaling(grantee: iam.IGrantable, parts: FleetParts): void {
  grantObserving(grantee, parts)
  allow(grantee, ['ecs:UpdateService'], [...parts.serviceArns])
  // Only workers that hang: silent, without a lease, their protection lapsed.
  allow(grantee, ['ecs:StopTask'], [tasksOf(parts.cluster)])
  allow(
    grantee,
    ['iam:PassRole'],
    parts.passedRoles.map(({ roleArn }) => roleArn),
    { StringEquals: { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' } },
  )
  if (parts.groups.length > 0) grantMachines(grantee, parts)
}

function grantMachines(grantee: iam.IGrantable, { cluster, groups }: FleetParts): void {
  const stack = Stack.of(cluster)
  const machines = stack.formatArn({
    service: 'ecs',
    resource: 'container-instance',
    resourceName: `${cluster.clusterName}/*`,
  })
  allow(grantee, ['ecs:ListContainerInstances'], [cluster.clusterArn])
  allow(
    grantee,
    ['ecs:DescribeContainerInstances', 'ecs:UpdateContainerInstancesState'],
    [machines],
  )
  const groupArns = groups.map(({ ref }) => {
    const name = `*:autoScalingGroupName/${ref}`
    return `arn:${stack.partition}:autoscaling:${stack.region}:${stack.account}:autoScalingGroup:${name}`
  })
  allow(
    grantee,
    [
      'autoscaling:SetDesiredCapacity',
      'autoscaling:SuspendProcesses',
      'autoscaling:TerminateInstanceInAutoScalingGroup',
    ],
    groupArns,
  )
  // Neither has a resource to name.
  allow(
    grantee,
    ['autoscaling:DescribeAutoScalingGroups', 'autoscaling:DescribeScalingActivities'],
    ['*'],
  )
  acknowledgeWildcards(
    grantee.grantPrincipal,
    { resources: ['*', machines, ...groupArns] },
    'Machines get their ids as they start, a group has one beside its name; seeing Auto Scaling groups cannot be held to some.',
  )
}

function allow(
  grantee: iam.IGrantable,
  actions: string[],
  resourceArns: string[],
  conditions?: Record<string, Record<string, string>>,
): void {
  iam.Grant.addToPrincipal({
    grantee,
    actions,
    resourceArns,
    ...(conditions !== undefined && { conditions }),
  })
}
