import { Stack } from 'aws-cdk-lib'
import type * as ecs from 'aws-cdk-lib/aws-ecs'
import * as iam from 'aws-cdk-lib/aws-iam'
import type { Construct } from 'constructs'
import { acknowledgeWildcards } from '../acknowledge.ts'
import type { JobStores } from '../stores/job-stores.ts'

/**
 * The role of a worker: the service's own table, queues and files, and the protection of its own
 * task. Jobs have a role of their own (`makeJobRole`).
 */
export function makeTaskRole(
  scope: Construct,
  { cluster, stores }: { cluster: ecs.ICluster; stores: JobStores },
): iam.Role {
  const role = new iam.Role(scope, 'TaskRole', {
    assumedBy: new iam.ServicePrincipal('ecs-tasks.amazonaws.com'),
    description: 'Workers',
  })
  stores.grantWorker(role)
  role.addToPolicy(
    new iam.PolicyStatement({
      actions: ['ecs:GetTaskProtection', 'ecs:UpdateTaskProtection'],
      resources: [tasksOf(cluster)],
    }),
  )
  acknowledgeWildcards(
    role,
    { resources: [tasksOf(cluster)] },
    'Tasks get their ids as they start, below the name of this cluster.',
  )
  return role
}

/** Of ECS itself, to pull images and write logs before and while a worker runs. */
export function makeExecutionRole(scope: Construct): iam.Role {
  const role = new iam.Role(scope, 'ExecutionRole', {
    assumedBy: new iam.ServicePrincipal('ecs-tasks.amazonaws.com'),
    description: 'ECS, to start the tasks of workers and front end',
  })
  acknowledgeWildcards(
    role,
    { resources: ['*'] },
    'ecr:GetAuthorizationToken has no resource to name; pulling does name each repository.',
  )
  return role
}

/** All tasks of a cluster. */
export function tasksOf(cluster: ecs.ICluster): string {
  return Stack.of(cluster).formatArn({
    service: 'ecs',
    resource: 'task',
    resourceName: `${cluster.clusterName}/*`,
  })
}
