import * as ecs from 'aws-cdk-lib/aws-ecs'
import { Construct } from 'constructs'
import { type Side, SIDES } from '../../scaling/sides.ts'
import type { FleetNetwork } from './fleet-network.ts'

/** How ECS finds a place for a task. */
export type Placement =
  | { readonly kind: 'capacity-provider'; readonly name: string }
  | { readonly kind: 'ec2' }
  | { readonly kind: 'fargate' }

export interface SideServicesProps {
  readonly cluster: ecs.ICluster
  /** Without revision: see below. */
  readonly taskDefinitionFamily: string
  readonly placement: Placement
  readonly network: FleetNetwork
}

export interface SideService {
  readonly serviceName: string
  readonly serviceArn: string
}

/**
 * The two ECS services of the fleet. CloudFormation makes them once, with no task, and then leaves
 * them alone: nothing in them changes when the worker changes, so no deploy waits for a job, stops
 * one, or resets a count. The scaler does what deploys usually do.
 *
 * - The task definition is a family without revision. ECS takes its newest revision at the creation
 *   alone; later revisions reach a side through the scaler, when that side is empty.
 *   Source: CloudFormation, AWS::ECS::Service, TaskDefinition.
 * - `DesiredCount: 0` is sent with the creation, and again only if a property here changes: network
 *   or kind of capacity. Left out, it would start a GPU with the first deploy.
 * - No circuit breaker: one that trips stops starting tasks, or goes back to the version before. A
 *   worker that cannot start ends the jobs that wait for it, with a reason; that is the answer.
 * - 0 and 100 percent: never more tasks than asked for. It also keeps ECS from balancing zones,
 *   which is switched off by name as well, since it stops tasks that are not protected.
 * - No tags: a changed label would be a changed service. Tasks get those of their definition.
 */
export class SideServices extends Construct {
  readonly bySide: Readonly<Record<Side, SideService>>
  readonly resources: readonly ecs.CfnService[]

  constructor(scope: Construct, id: string, props: SideServicesProps) {
    super(scope, id)
    const made = SIDES.map((side) => [side, this.#makeService(side, props)] as const)
    this.resources = made.map(([, service]) => service)
    this.bySide = Object.fromEntries(
      made.map(([side, { attrName, ref }]) => [side, { serviceName: attrName, serviceArn: ref }]),
    ) as unknown as Record<Side, SideService>
  }

  #makeService(side: Side, props: SideServicesProps): ecs.CfnService {
    const { cluster, taskDefinitionFamily, placement, network } = props
    const service = new ecs.CfnService(this, `Side${side.toUpperCase()}`, {
      cluster: cluster.clusterArn,
      taskDefinition: taskDefinitionFamily,
      desiredCount: 0,
      schedulingStrategy: 'REPLICA',
      deploymentController: { type: 'ECS' },
      deploymentConfiguration: {
        minimumHealthyPercent: 0,
        maximumPercent: 100,
        deploymentCircuitBreaker: { enable: false, rollback: false },
      },
      availabilityZoneRebalancing: 'DISABLED',
      enableEcsManagedTags: false,
      enableExecuteCommand: false,
      propagateTags: 'TASK_DEFINITION',
      ...placementOf(placement, network),
    })
    service.addPropertyDeletionOverride('Tags')
    return service
  }
}

function placementOf(placement: Placement, network: FleetNetwork) {
  if (placement.kind === 'capacity-provider') {
    return { capacityProviderStrategy: [{ capacityProvider: placement.name, weight: 1 }] }
  }
  if (placement.kind === 'ec2') {
    return { launchType: 'EC2', placementConstraints: [{ type: 'distinctInstance' }] }
  }
  return {
    launchType: 'FARGATE',
    platformVersion: 'LATEST',
    networkConfiguration: {
      awsvpcConfiguration: {
        subnets: network.subnets.subnetIds,
        securityGroups: [network.securityGroup.securityGroupId],
        assignPublicIp: network.isPublic ? 'ENABLED' : 'DISABLED',
      },
    },
  }
}
