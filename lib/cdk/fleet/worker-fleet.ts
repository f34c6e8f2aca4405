import { Annotations, RemovalPolicy, Stack } from 'aws-cdk-lib'
import * as ecrAssets from 'aws-cdk-lib/aws-ecr-assets'
import * as ecs from 'aws-cdk-lib/aws-ecs'
import type * as iam from 'aws-cdk-lib/aws-iam'
import type * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager'
import { Construct } from 'constructs'
import { ENV } from '../../registry/env.ts'
import { IMAGE_FOLDER } from '../../registry/package-files.ts'
import { type Side, SIDES } from '../../scaling/sides.ts'
import type { Service } from '../../service/service.ts'
import { acknowledge } from '../acknowledge.ts'
import type { JobStores } from '../stores/job-stores.ts'
import { type CapacityPlan, type CapacityProps, planCapacity } from './machines/capacity-plan.ts'
import { FleetNetwork, type NetworkProps } from './fleet-network.ts'
import { makeJobRole } from './make-job-role.ts'
import { makeMachines } from './machines/make-machines.ts'
import { type FleetParts, grantObserving, grantScaling } from './scaler-rights.ts'
import { sharedMemoryFor, joinVolumes, type TaskVolumes } from './task-volumes.ts'
import { type SideService, SideServices } from './side-services.ts'
import { StorageMounts } from './storage-mounts.ts'
import { INSTALL_VOLUME } from './task-paths.ts'
import { makeExecutionRole, makeTaskRole } from './task-roles.ts'
import { UserImages } from './user-image.ts'
import { hasSidecar, makeContainers, stopSecondsOn } from './worker-containers.ts'
import { logTo, makeLogGroup } from './worker-log.ts'
import { WorkerTaskDefinition } from './worker-task-definition.ts'

export interface WorkerFleetProps {
  readonly service: Service
  readonly stores: JobStores
  /** @default a VPC of its own, without standing cost */
  readonly network?: NetworkProps
  /** @default ECS Managed Instances; Fargate for a worker without GPU */
  readonly capacity?: CapacityProps
  /**
   * Login of a private registry: a secret `{"username": …, "password": …}`.
   *
   * @default `dockerAuth` of service.json
   */
  readonly registrySecret?: secretsmanager.ISecret
  /**
   * What becomes of the log groups when the stack is deleted.
   *
   * @default they are deleted
   */
  readonly removalPolicy?: RemovalPolicy
}

/**
 * The workers of one service: a cluster, machines, and two ECS services (sides `a` and `b`) that the
 * scaler counts up and down. The first deploy starts nothing.
 */
export class WorkerFleet extends Construct {
  readonly cluster: ecs.ICluster
  readonly network: FleetNetwork
  /** Of the workers themselves: what they do with table, queues, files and ECS. */
  readonly taskRole: iam.Role
  /**
   * What jobs, the init command and the model server act as: grant here what they need beside the
   * job's own files, such as a bucket with datasets.
   *
   * For an image that starts its server itself it is the task role, since ECS gives every container of
   * a task that one; such a service runs no commands.
   */
  readonly jobRole: iam.Role
  readonly executionRole: iam.Role
  readonly storage: StorageMounts
  readonly userImages: UserImages
  readonly taskDefinitionFamily: string
  /** As it stands in the newest task definition. */
  readonly workerVersion: string
  readonly ecsServices: Readonly<Record<Side, SideService>>
  /** The variables of `lib/registry/env.ts` that say where the fleet is. */
  readonly environmentForScaler: Readonly<Record<string, string>>
  readonly #parts: FleetParts

  constructor(scope: Construct, id: string, props: WorkerFleetProps) {
    super(scope, id)
    const { stores, registrySecret } = props
    const plan = planCapacity(props.service, props.capacity)
    const service = fitService(props.service, plan)
    this.#warn(plan, props.service)
    this.network = new FleetNetwork(this, 'Network', props.network ?? {})
    this.cluster = this.#makeCluster()
    this.taskRole = makeTaskRole(this, { cluster: this.cluster, stores })
    this.jobRole = hasSidecar(service)
      ? this.taskRole
      : makeJobRole(this, { taskRole: this.taskRole, stores })
    this.executionRole = makeExecutionRole(this)
    const { executionRole, network } = this
    this.storage = new StorageMounts(this, 'Storage', { storage: service.storage, network })
    this.userImages = new UserImages(this, 'Images', {
      executionRole,
      ...(service.folder !== undefined && { folder: service.folder }),
      ...(service.registryAuth !== undefined && { registryAuth: service.registryAuth }),
      ...(registrySecret !== undefined && { registrySecret }),
    })
    const definition = this.#makeTaskDefinition(props, { service, plan })
    this.taskDefinitionFamily = definition.family
    this.workerVersion = definition.version
    // A scaler starts workers of a new revision at once: all that they need must be there before.
    definition.resource.node.addDependency(this.taskRole, executionRole)
    definition.resource.node.addDependency(...this.storage.mountTargets)
    const machines = makeMachines(this, { service, plan, cluster: this.cluster, network })
    const sides = new SideServices(this, machines.sidesId, {
      cluster: this.cluster,
      taskDefinitionFamily: definition.family,
      placement: machines.placement,
      network,
    })
    for (const each of sides.resources) {
      each.addResourceDependency(definition.resource)
      each.node.addDependency(this.cluster, this.taskRole, executionRole, ...machines.needed)
      each.node.addDependency(...this.storage.mountTargets)
    }
    this.ecsServices = sides.bySide
    const { groups } = machines
    const serviceArns = SIDES.map((side) => sides.bySide[side].serviceArn)
    const passedRoles = [this.taskRole, executionRole]
    this.#parts = { cluster: this.cluster, serviceArns, passedRoles, groups }
    this.environmentForScaler = this.#describe(definition, groups, plan)
  }

  /** Seeing the fleet, and nothing more. */
  grantObserver(grantee: iam.IGrantable): void {
    grantObserving(grantee, this.#parts)
  }

  /** Seeing the fleet, changing its counts, placing versions, and sizing its machines. */
  grantScaler(grantee: iam.IGrantable): void {
    grantScaling(grantee, this.#parts)
  }

  #makeCluster(): ecs.ICluster {
    const cluster = new ecs.Cluster(this, 'Cluster', {
      vpc: this.network.vpc,
      containerInsightsV2: ecs.ContainerInsights.DISABLED,
    })
    acknowledge(cluster, [
      {
        id: 'AwsSolutions-ECS4',
        reason:
          'Container Insights is a standing bill per task and machine; the scaler emits the metrics of the fleet.',
      },
    ])
    return cluster as ecs.ICluster
  }

  #makeTaskDefinition(
    { stores, removalPolicy = RemovalPolicy.DESTROY }: WorkerFleetProps,
    { service, plan }: { service: Service; plan: CapacityPlan },
  ): WorkerTaskDefinition {
    const { kind } = plan
    const image = new ecrAssets.DockerImageAsset(this, 'WorkerImage', {
      directory: IMAGE_FOLDER,
      platform: ecrAssets.Platform.LINUX_AMD64,
    })
    image.repository.grantPull(this.executionRole)
    const logGroup = makeLogGroup(this, 'Log', { removalPolicy })
    logGroup.grantWrite(this.executionRole)
    const jobVolumes = this.#volumesFor(service, plan)
    const containers = makeContainers({
      service,
      kind,
      workerImage: image.imageUri,
      userImage: this.userImages.use(service.container.image),
      storeEnvironment: stores.environment,
      ...(this.jobRole !== this.taskRole && { jobRoleArn: this.jobRole.roleArn }),
      volumes: jobVolumes,
      log: (prefix) => logTo(logGroup, prefix),
    })
    const install = { name: INSTALL_VOLUME, host: {} }
    return new WorkerTaskDefinition(this, 'Worker', {
      service,
      kind,
      containers,
      volumes: { ...jobVolumes, volumes: [install, ...jobVolumes.volumes] },
      taskRoleArn: this.taskRole.roleArn,
      executionRoleArn: this.executionRole.roleArn,
    })
  }

  #volumesFor(service: Service, { kind }: CapacityPlan): TaskVolumes {
    const memory = sharedMemoryFor(service, kind)
    const { taskRole, jobRole } = this
    return joinVolumes([this.storage.volumesFor(kind, { taskRole, jobRole }), memory])
  }

  #describe(
    definition: WorkerTaskDefinition,
    groups: FleetParts['groups'],
    { idleMachineSeconds }: CapacityPlan,
  ): Record<string, string> {
    const names = Object.fromEntries(
      SIDES.map((side) => [side, this.ecsServices[side].serviceName]),
    )
    const stack = Stack.of(this)
    return {
      [ENV.clusterName.name]: this.cluster.clusterName,
      [ENV.ecsServices.name]: stack.toJsonString(names),
      [ENV.taskDefinition.name]: definition.resource.ref,
      ...(groups.length > 0 && {
        [ENV.machines.name]: stack.toJsonString({
          groups: groups.map(({ ref }) => ref),
          idleSeconds: idleMachineSeconds,
        }),
      }),
    }
  }

  #warn({ kind, warnings }: CapacityPlan, service: Service): void {
    const memory = sharedMemoryFor(service, kind)
    const stopSeconds = stopSecondsOn(kind, service)
    const all = [
      ...warnings,
      ...memory.warnings,
      ...(stopSeconds < service.timing.stopSeconds
        ? [
            `stop_seconds ${service.timing.stopSeconds} is cut to ${stopSeconds}: Fargate ends a task after 120 s`,
          ]
        : []),
    ]
    for (const [index, warning] of all.entries()) {
      Annotations.of(this).addWarningV2(`@scalable-job/capacity-${index}`, warning)
    }
  }
}

/** The service as far as this capacity can keep its promises. */
function fitService(service: Service, { kind }: CapacityPlan): Service {
  const timing = { ...service.timing, stopSeconds: stopSecondsOn(kind, service) }
  return { ...service, timing }
}
