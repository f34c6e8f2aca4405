import { Stack } from 'aws-cdk-lib'
import type * as ecs from 'aws-cdk-lib/aws-ecs'
import * as iam from 'aws-cdk-lib/aws-iam'
import type { Construct } from 'constructs'
import { acknowledgeWildcards } from '../../acknowledge.ts'

/**
 * The role of a machine: what the ECS agent needs to serve this one cluster. Jobs have the task role;
 * in the machine's network they can reach this one too (docs/security.md), so it names its cluster.
 *
 * Source: AWS managed policy AmazonECSInstanceRolePolicyForManagedInstances, with resources named.
 */
export function makeMachineRole(scope: Construct, cluster: ecs.ICluster): iam.Role {
  const role = new iam.Role(scope, 'MachineRole', {
    assumedBy: new iam.ServicePrincipal('ec2.amazonaws.com'),
    description: 'The ECS agent on a machine for workers',
  })
  const instances = Stack.of(scope).formatArn({
    service: 'ecs',
    resource: 'container-instance',
    resourceName: `${cluster.clusterName}/*`,
  })
  const allow = (actions: string[], resources: string[]): void => {
    role.addToPolicy(new iam.PolicyStatement({ actions, resources }))
  }
  allow(['ecs:DiscoverPollEndpoint'], ['*'])
  allow(
    [
      'ecs:DeregisterContainerInstance',
      'ecs:RegisterContainerInstance',
      'ecs:SubmitAttachmentStateChanges',
      'ecs:SubmitContainerStateChange',
      'ecs:SubmitTaskStateChange',
    ],
    [cluster.clusterArn],
  )
  allow(
    [
      'ecs:Poll',
      'ecs:PutSystemLogEvents',
      'ecs:StartTelemetrySession',
      // A machine that hears of its Spot interruption takes no more tasks.
      'ecs:UpdateContainerInstancesState',
    ],
    [instances],
  )
  acknowledgeWildcards(
    role,
    { resources: ['*', instances] },
    'ecs:DiscoverPollEndpoint has no resource to name; machines get their ids as they start, below the name of this cluster.',
  )
  return role
}
