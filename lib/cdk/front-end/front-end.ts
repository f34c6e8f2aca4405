import { Annotations, RemovalPolicy } from 'aws-cdk-lib'
import type * as acm from 'aws-cdk-lib/aws-certificatemanager'
import * as ec2 from 'aws-cdk-lib/aws-ec2'
import * as ecs from 'aws-cdk-lib/aws-ecs'
import type * as iam from 'aws-cdk-lib/aws-iam'
import type * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager'
import { Construct } from 'constructs'
import { ServiceError } from '../../registry/errors.ts'
import type { FrontEnd as FrontEndSettings, Service } from '../../service/service.ts'
import type { WorkerFleet } from '../fleet/worker-fleet.ts'
import { FrontDoor } from './front-door.ts'
import { FrontEndTask } from './front-end-task.ts'

export interface FrontEndProps {
  /** A `ScalableJobService`. */
  readonly service: Service
  /** Cluster, network, image login and storage mounts are shared with it. */
  readonly fleet: WorkerFleet
  readonly apiUrl: string
  /** JSON with the field `token`. */
  readonly tokenSecret: secretsmanager.ISecret
  /**
   * Address ranges, such as `203.0.113.0/24`, that may open the front end. Whoever can, spends the
   * money of the service with its token, so nobody may unless it is said.
   *
   * @default nobody
   */
  readonly allowedCidrs?: readonly string[]
  /**
   * For HTTPS under a name of your own, which you point to the load balancer.
   *
   * @default HTTP
   */
  readonly certificate?: acm.ICertificate
  /** @default the log group is deleted with the stack */
  readonly removalPolicy?: RemovalPolicy
}

/**
 * The resident front end of a `ScalableJobService`: one Fargate task (2 vCPU and 8 GB unless
 * `front_end` says otherwise) behind a load balancer, with address and token of the service in its
 * environment. It sees the same storage mounts as the workers, at the same paths.
 *
 * It is deployed as any web service is: the new task is healthy before the old one goes.
 */
export class FrontEnd extends Construct {
  /** Address of the load balancer. */
  readonly url: string
  /** Of the front end's own task. */
  readonly taskRole: iam.Role
  readonly loadBalancerSecurityGroup: ec2.SecurityGroup

  constructor(scope: Construct, id: string, props: FrontEndProps) {
    super(scope, id)
    const { fleet, allowedCidrs = [], certificate } = props
    const settings = frontEndOf(props.service)
    const task = new FrontEndTask(this, 'Task', { ...props, settings })
    const securityGroup = new ec2.SecurityGroup(this, 'Tasks', {
      vpc: fleet.network.vpc,
      description: 'Front end: reached by its load balancer',
    })
    const door = new FrontDoor(this, 'Door', {
      network: fleet.network,
      port: settings.port,
      allowedCidrs,
      ...(certificate !== undefined && { certificate }),
    })
    securityGroup.addIngressRule(door.securityGroup, ec2.Port.tcp(settings.port), 'Load balancer')
    const service = makeService(this, { fleet, task, door, securityGroup, port: settings.port })
    service.node.addDependency(door.listener, task.role, ...fleet.storage.mountTargets)
    this.url = door.url
    this.taskRole = task.role
    this.loadBalancerSecurityGroup = door.securityGroup
    this.#warn(settings, props)
  }

  #warn({ instanceType, cpu, memoryMib }: FrontEndSettings, props: FrontEndProps): void {
    const annotations = Annotations.of(this)
    if (instanceType !== undefined) {
      annotations.addWarningV2(
        '@scalable-job/front-end-machine',
        `front_end.instance_type ${instanceType} is not used: the front end runs on Fargate with ${cpu} vCPU and ${memoryMib} MiB`,
      )
    }
    if ((props.allowedCidrs ?? []).length === 0) {
      annotations.addWarningV2(
        '@scalable-job/front-end-closed',
        'nobody can open the front end yet: name address ranges in `allowedCidrs`',
      )
    } else if (props.certificate === undefined) {
      annotations.addWarningV2(
        '@scalable-job/front-end-without-tls',
        'the front end is served over plain HTTP: give a `certificate`',
      )
    }
  }
}

interface ServiceParts {
  readonly fleet: WorkerFleet
  readonly task: FrontEndTask
  readonly door: FrontDoor
  readonly securityGroup: ec2.SecurityGroup
  readonly port: number
}

/** Here a circuit breaker is right: a front end that does not start must not hold up the deploy. */
function makeService(scope: Construct, parts: ServiceParts): ecs.CfnService {
  const { fleet, task, door, securityGroup, port } = parts
  const { network, cluster } = fleet
  return new ecs.CfnService(scope, 'Service', {
    cluster: cluster.clusterArn,
    taskDefinition: task.definition.ref,
    desiredCount: 1,
    launchType: 'FARGATE',
    deploymentConfiguration: {
      minimumHealthyPercent: 100,
      maximumPercent: 200,
      deploymentCircuitBreaker: { enable: true, rollback: true },
    },
    availabilityZoneRebalancing: 'DISABLED',
    healthCheckGracePeriodSeconds: 300,
    propagateTags: 'SERVICE',
    loadBalancers: [
      {
        containerName: task.containerName,
        containerPort: port,
        targetGroupArn: door.targetGroup.targetGroupArn,
      },
    ],
    networkConfiguration: {
      awsvpcConfiguration: {
        subnets: network.subnets.subnetIds,
        // The group of the workers opens the storage mounts.
        securityGroups: [securityGroup.securityGroupId, network.securityGroup.securityGroupId],
        assignPublicIp: network.isPublic ? 'ENABLED' : 'DISABLED',
      },
    },
  })
}

function frontEndOf({ name, frontEnd }: Service): FrontEndSettings {
  if (frontEnd !== undefined) return frontEnd
  const message = `the service ${name} has no front_end; it must be a ScalableJobService`
  throw new ServiceError('invalid-service-config', message)
}
