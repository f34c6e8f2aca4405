import { createHash } from 'node:crypto'
import { CfnDeletionPolicy, Names, Stack } from 'aws-cdk-lib'
import * as ecs from 'aws-cdk-lib/aws-ecs'
import { Construct } from 'constructs'
import { ENV } from '../../registry/env.ts'
import { ServiceError } from '../../registry/errors.ts'
import type { Service } from '../../service/service.ts'
import { acknowledge } from '../acknowledge.ts'
import type { CapacityKind } from './machines/capacity-plan.ts'
import { fargateSizeFor } from './machines/fargate-size.ts'
import type { TaskVolumes } from './task-volumes.ts'
import { sidecarSize } from './worker-containers.ts'

type Container = ecs.CfnTaskDefinition.ContainerDefinitionProperty

export interface WorkerTaskDefinitionProps {
  readonly service: Service
  readonly kind: CapacityKind
  readonly containers: readonly Container[]
  readonly volumes: TaskVolumes
  readonly taskRoleArn: string
  readonly executionRoleArn: string
}

/** ECS: of a whole task definition as JSON, with room for what the deploy fills in. */
const MAX_CHARS = 60_000
const VERSION_DIGITS = 8
const MAX_EPHEMERAL_GIB = 200
const LEAST_EPHEMERAL_GIB = 21

/**
 * The task definition of the workers; each deploy that changes anything in it registers a further
 * revision of one family.
 *
 * - The version is that of the service and a hash of the definition itself, worker image included.
 *   So two revisions never share a version, and the same content always has the same one.
 * - Superseded revisions stay: a side of the fleet may run one for as long as a job on it lasts.
 */
export class WorkerTaskDefinition extends Construct {
  readonly family: string
  readonly version: string
  readonly resource: ecs.CfnTaskDefinition

  constructor(scope: Construct, id: string, props: WorkerTaskDefinitionProps) {
    super(scope, id)
    const { service, containers } = props
    this.family = Names.uniqueResourceName(this, { maxLength: 200, separator: '-' })
    const definition = { family: this.family, ...definitionOf(props) }
    const text = JSON.stringify(
      Stack.of(this).resolve({ ...definition, containerDefinitions: containers }),
    )
    refuseTooLong(text)
    const digits = createHash('sha256').update(text).digest('hex').slice(0, VERSION_DIGITS)
    this.version = `${service.version}-${digits}`
    this.resource = new ecs.CfnTaskDefinition(this, 'Definition', {
      ...definition,
      containerDefinitions: containers.map((each) => withVersion(each, this.version)),
    })
    acknowledge(this.resource, [
      {
        id: 'AwsSolutions-ECS2',
        reason:
          'The variables say where table, bucket and queues are; env of service.json is settings, and what is secret belongs into a secret that the job reads with the job role.',
      },
    ])
    this.resource.cfnOptions.deletionPolicy = CfnDeletionPolicy.RETAIN_EXCEPT_ON_CREATE
    this.resource.cfnOptions.updateReplacePolicy = CfnDeletionPolicy.RETAIN
  }
}

function definitionOf(props: WorkerTaskDefinitionProps) {
  const { service, kind, volumes, taskRoleArn, executionRoleArn } = props
  return {
    taskRoleArn,
    executionRoleArn,
    requiresCompatibilities: [COMPATIBILITY[kind]],
    networkMode: kind === 'fargate' ? 'awsvpc' : 'host',
    runtimePlatform: { cpuArchitecture: 'X86_64', operatingSystemFamily: 'LINUX' },
    volumes: [...volumes.volumes],
    ...(kind === 'fargate' && fargateParts(service)),
  }
}

const COMPATIBILITY: Readonly<Record<CapacityKind, string>> = {
  'managed-instances': 'MANAGED_INSTANCES',
  'auto-scaling-group': 'EC2',
  fargate: 'FARGATE',
}

/** @throws ServiceError `invalid-service-config` when it is more than Fargate has */
function fargateParts(service: Service) {
  const { cpu, memoryMib, ephemeralStorageGib } = service.resources
  const sidecar = sidecarSize(service)
  const needed = { cpu: cpu + sidecar.cpu, memoryMib: memoryMib + sidecar.memoryMib }
  const size = fargateSizeFor(needed, 'metadata')
  const sizes = { cpu: String(size.cpuUnits), memory: String(size.memoryMib) }
  if (ephemeralStorageGib === undefined) return sizes
  if (ephemeralStorageGib > MAX_EPHEMERAL_GIB) throw tooMuchDisk(ephemeralStorageGib)
  const sizeInGiB = Math.max(ephemeralStorageGib, LEAST_EPHEMERAL_GIB)
  return { ...sizes, ephemeralStorage: { sizeInGiB } }
}

function tooMuchDisk(gib: number): ServiceError {
  const path = 'features.eas.aliyun.com/extra-ephemeral-storage'
  const problem = 'is more than Fargate has'
  const allowed = `up to ${MAX_EPHEMERAL_GIB}Gi, or capacity managed-instances`
  return new ServiceError('invalid-service-config', `${path} ${problem}: got ${gib}Gi`, {
    details: [{ path, problem, got: `${gib}Gi`, allowed }],
  })
}

function refuseTooLong(text: string): void {
  if (text.length <= MAX_CHARS) return
  const path = 'containers[0]'
  const problem = `makes a task definition of ${text.length} characters`
  const allowed = `${MAX_CHARS}; put long scripts into the image or the bucket`
  throw new ServiceError('invalid-service-config', `${path} ${problem}; allowed: ${allowed}`, {
    details: [{ path, problem, allowed }],
  })
}

/** Only the worker is told its version, and only from it the scaler reads one. */
function withVersion(container: Container, version: string): Container {
  if (container.name !== 'worker' || !Array.isArray(container.environment)) return container
  const environment = [...container.environment, { name: ENV.version.name, value: version }]
  return { ...container, environment }
}
