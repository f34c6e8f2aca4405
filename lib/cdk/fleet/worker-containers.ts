import { Aws } from 'aws-cdk-lib'
import type * as ecs from 'aws-cdk-lib/aws-ecs'
import { ENV, JOB_ENV } from '../../registry/env.ts'
import { serialiseForWorkers } from '../../service/serialised-service.ts'
import { ServiceError } from '../../registry/errors.ts'
import type { Service } from '../../service/service.ts'
import { INSTALL_ENV, INSTALL_ROOT, INSTALL_SOURCE } from '../../registry/agreements.ts'
import type { CapacityKind } from './machines/capacity-plan.ts'
import { reservedMemoryMib } from './machines/machine-needs.ts'
import {
  CHECK_ALIVE,
  INSTALL_VOLUME,
  NODE,
  SERVICE_FILE,
  WORK_ROOT,
  WORKER_MAIN,
} from './task-paths.ts'
import type { TaskVolumes } from './task-volumes.ts'

type Container = ecs.CfnTaskDefinition.ContainerDefinitionProperty

export interface WorkerContainersInput {
  readonly service: Service
  readonly kind: CapacityKind
  /** The worker's own image. */
  readonly workerImage: string
  /** The user's image, and how it is pulled. */
  readonly userImage: Pick<Container, 'image' | 'repositoryCredentials'> & { image: string }
  /** Where table, bucket and queues are. */
  readonly storeEnvironment: Readonly<Record<string, string>>
  /** What the programs of the worker act as; absent where they have the role of the task. */
  readonly jobRoleArn?: string
  readonly volumes: TaskVolumes
  readonly log: (streamPrefix: string) => ecs.CfnTaskDefinition.LogConfigurationProperty
}

/** Time beyond `stopSeconds` in which a worker checkpoints and hands its jobs back. */
const RELEASE_SECONDS = 60
/** Fargate takes no more. Source: Amazon ECS API Reference, ContainerDefinition.stopTimeout. */
const FARGATE_STOP_SECONDS = 120
const INSTALL_MIB = 64
/** A sidecar that runs no job itself. */
const SIDECAR = { cpu: 0.25, memoryMib: 512 }
const MAX_OPEN_FILES = 65_536

/** What a sidecar adds to the size of a task. */
export function sidecarSize(service: Service): { cpu: number; memoryMib: number } {
  return hasSidecar(service) ? SIDECAR : { cpu: 0, memoryMib: 0 }
}

/** The longest stop that the capacity leaves to the jobs. */
export function stopSecondsOn(kind: CapacityKind, { timing }: Service): number {
  const most = kind === 'fargate' ? FARGATE_STOP_SECONDS - RELEASE_SECONDS : Infinity
  return Math.min(timing.stopSeconds, most)
}

/**
 * The containers of a worker's task.
 *
 * - `install` copies Node and the worker into a shared volume, and ends.
 * - `worker` is the user's image, started with that Node: it runs jobs and the model server.
 * - An image that starts its server itself stays as it is, as `model`; the worker then stands beside
 *   it, in an image of its own, and passes queries on.
 */
export function makeContainers(input: WorkerContainersInput): Container[] {
  const install = makeInstall(input)
  if (!hasSidecar(input.service)) return [install, makeWorkerInImage(input)]
  return [install, makeModel(input), makeSidecar(input)]
}

/** Whether the image starts its server itself, with the worker in a container beside it. */
export function hasSidecar({ container }: Service): boolean {
  return container.port !== undefined && container.serverCommand === undefined
}

function makeInstall({ service, workerImage, log }: WorkerContainersInput): Container {
  return {
    name: 'install',
    image: workerImage,
    essential: false,
    command: [`${INSTALL_SOURCE}/worker/install.js`, INSTALL_SOURCE, INSTALL_ROOT],
    memoryReservation: INSTALL_MIB,
    environment: toList({ [INSTALL_ENV.service.name]: serialiseForWorkers(service) }),
    mountPoints: [{ sourceVolume: INSTALL_VOLUME, containerPath: INSTALL_ROOT, readOnly: false }],
    logConfiguration: log('install'),
  }
}

function makeWorkerInImage(input: WorkerContainersInput): Container {
  const { userImage, service, volumes } = input
  const base = makeWorker(input)
  const mountPoints = [...base.mountPoints, ...volumes.mountPoints]
  return { ...base, ...userImage, ...jobSized(input), ...portOf(service), mountPoints }
}

function makeSidecar(input: WorkerContainersInput): Container {
  const { cpu, memoryMib } = SIDECAR
  const size = { cpu: cpu * 1024, memoryReservation: memoryMib }
  const base = makeWorker(input)
  const dependsOn = [...base.dependsOn, { containerName: 'model', condition: 'START' }]
  return { ...base, ...size, image: input.workerImage, dependsOn }
}

function makeModel(input: WorkerContainersInput): Container {
  const { service, userImage, volumes, log } = input
  const { env, port } = service.container
  return {
    name: 'model',
    ...userImage,
    ...jobSized(input),
    ...portOf(service),
    essential: true,
    environment: toList({ ...env, ...gpuEnvironment(service), [JOB_ENV.port.name]: String(port) }),
    mountPoints: volumes.mountPoints,
    stopTimeout: stopSecondsOn(input.kind, service) + RELEASE_SECONDS,
    logConfiguration: log('model'),
  }
}

/** What is the same in the user's image and in a sidecar. */
function makeWorker(input: WorkerContainersInput) {
  const { service, kind, log } = input
  return {
    name: 'worker',
    essential: true,
    dependsOn: [{ containerName: 'install', condition: 'SUCCESS' }],
    entryPoint: [NODE, '--disable-warning=ExperimentalWarning'],
    // Given even so: without it, a runtime may add the command of the image.
    command: [WORKER_MAIN],
    environment: toList({ ...workerEnvironment(input), ...gpuEnvironment(service) }),
    mountPoints: [{ sourceVolume: INSTALL_VOLUME, containerPath: INSTALL_ROOT, readOnly: true }],
    // Process 1 is a real init: it reaps what jobs leave behind and passes SIGTERM on.
    linuxParameters: { initProcessEnabled: true },
    stopTimeout: stopSecondsOn(kind, service) + RELEASE_SECONDS,
    healthCheck: makeHealthCheck(service),
    logConfiguration: log('worker'),
  }
}

/** GPUs, memory and limits of the container in which jobs run. */
function jobSized({ service, kind }: WorkerContainersInput): Partial<Container> {
  const { gpu, cpu, sharedMemoryMib } = service.resources
  const beside = sidecarSize(service)
  const left = {
    cpu: cpu - beside.cpu,
    memoryMib: reservedMemoryMib(service.resources) - beside.memoryMib - INSTALL_MIB,
  }
  if (kind !== 'fargate') checkLeft(service, left)
  const hasSharedMemory = kind === 'auto-scaling-group' && sharedMemoryMib !== undefined
  return {
    ulimits: [{ name: 'nofile', softLimit: MAX_OPEN_FILES, hardLimit: MAX_OPEN_FILES }],
    linuxParameters: {
      initProcessEnabled: true,
      ...(hasSharedMemory && { sharedMemorySize: sharedMemoryMib }),
    },
    ...(gpu > 0 && { resourceRequirements: [{ type: 'GPU', value: String(gpu) }] }),
    ...(kind !== 'fargate' && {
      cpu: Math.floor(left.cpu * 1024),
      memoryReservation: left.memoryMib,
    }),
  }
}

/** ECS refuses a container without memory, and a worker with hardly any cannot start a job. */
const MIN_LEFT_MIB = 256

/** @throws ServiceError `invalid-service-config` with the settings, what they leave, and what is enough */
function checkLeft(
  { resources: { cpu, memoryMib } }: Service,
  left: { cpu: number; memoryMib: number },
): void {
  if (left.memoryMib >= MIN_LEFT_MIB && left.cpu > 0) return
  throw new ServiceError(
    'invalid-service-config',
    `metadata.cpu ${cpu} and metadata.memory ${memoryMib} leave ${left.cpu} CPU and ${left.memoryMib} MiB beside the worker's own; more than 0 CPU and at least ${MIN_LEFT_MIB} MiB are needed`,
  )
}

/** In the network of the machine a port is taken once: ECS then puts one such worker on a machine. */
function portOf({ container: { port } }: Service): Partial<Container> {
  if (port === undefined) return {}
  return { portMappings: [{ containerPort: port, hostPort: port, protocol: 'tcp' }] }
}

/** @see worker/alive/check-alive.ts */
function makeHealthCheck({ timing }: Service) {
  const stuckSeconds = Math.max(timing.leaseSeconds.command, timing.leaseSeconds.query) + 60
  return {
    command: ['CMD', NODE, CHECK_ALIVE, WORK_ROOT, String(Math.ceil(stuckSeconds))],
    interval: 60,
    timeout: 60,
    retries: 5,
    startPeriod: 300,
  }
}

function workerEnvironment({
  storeEnvironment,
  jobRoleArn,
}: WorkerContainersInput): Record<string, string> {
  return {
    [ENV.backend.name]: 'aws',
    [ENV.serviceFile.name]: SERVICE_FILE,
    // The folder in which the image starts programs.
    [ENV.serviceDir.name]: '.',
    [ENV.workDir.name]: WORK_ROOT,
    AWS_REGION: Aws.REGION,
    // An image's own (tcmalloc, say) need not fit the worker's Node, which would not even start. Jobs
    // get them from `containers[0].env`.
    LD_PRELOAD: '',
    NODE_OPTIONS: '',
    ...(jobRoleArn !== undefined && { [ENV.jobRole.name]: jobRoleArn }),
    ...storeEnvironment,
  }
}

/** Images that are not made from NVIDIA's get no CUDA libraries without it. */
function gpuEnvironment({ resources, container }: Service): Record<string, string> {
  const name = 'NVIDIA_DRIVER_CAPABILITIES'
  return resources.gpu === 0 ? {} : { [name]: container.env[name] ?? 'compute,utility' }
}

function toList(environment: Readonly<Record<string, string>>): { name: string; value: string }[] {
  return Object.entries(environment).map(([name, value]) => ({ name, value }))
}
