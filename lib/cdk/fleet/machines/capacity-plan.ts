import { ServiceError, type ErrorDetail } from '../../../registry/errors.ts'
import type { InstanceChoice, Resources, Service } from '../../../service/service.ts'
import { findGpuMachine } from './gpu-machines.ts'
import { nearestEc2Type } from './nearest-ec2-type.ts'

export type CapacityKind = 'managed-instances' | 'auto-scaling-group' | 'fargate'

/** On what workers run. */
export interface CapacityProps {
  /**
   * - `managed-instances`: ECS Managed Instances; AWS chooses, starts and patches the machines.
   * - `auto-scaling-group`: machines with the ECS GPU image, sized by the scaler itself. Keeps the
   *   order of `cloud.computing.instances`, mixes Spot and on-demand, and honours `shm_size`.
   * - `fargate`: without GPU.
   *
   * @default managed-instances for a worker with GPUs, fargate for one without
   */
  readonly kind?: CapacityKind
  /**
   * Spot machines, where `cloud.computing` names no machines. On an Auto Scaling group on-demand
   * ones start in their place while there are none.
   *
   * @default on-demand
   */
  readonly spot?: boolean
  /**
   * Seconds, 0 to 3600, that a machine without a worker is kept, so that the next job finds it warm.
   *
   * @default 60
   */
  readonly idleMachineSeconds?: number
  /**
   * GiB for images, working folders and checkpoints of one machine, beside the
   * `extra-ephemeral-storage` of service.json.
   *
   * @default 100
   */
  readonly diskGib?: number
}

/** What was decided, with everything that can be wrong already refused. */
export interface CapacityPlan {
  readonly kind: CapacityKind
  /** In the order of preference; empty: chosen by what a worker needs. */
  readonly machines: readonly InstanceChoice[]
  readonly spot: boolean
  readonly idleMachineSeconds: number
  readonly diskGib: number
  /** What is taken, but not as its author may think; shown at synth. */
  readonly warnings: readonly string[]
}

const MAX_IDLE_SECONDS = 3600
const DEFAULTS = { idleMachineSeconds: 60, diskGib: 100 }

/** @throws ServiceError `invalid-service-config`: a machine that AWS does not have or that does not fit; `invalid-prop` */
export function planCapacity(service: Service, props: CapacityProps = {}): CapacityPlan {
  const { gpu } = service.resources
  const machines = service.cloud.instanceTypes
  const kind = props.kind ?? (gpu > 0 ? 'managed-instances' : 'fargate')
  const mistakes = [
    ...refuseAlibaba(service),
    ...refuseWrongKind(kind, service),
    ...refuseTooSmall(machines, service.resources),
  ]
  const { idleMachineSeconds = DEFAULTS.idleMachineSeconds } = props
  if (!(idleMachineSeconds >= 0 && idleMachineSeconds <= MAX_IDLE_SECONDS)) {
    const message = `capacity.idleMachineSeconds is ${idleMachineSeconds}; it must be 0 to 3600`
    throw new ServiceError('invalid-prop', message)
  }
  if (mistakes.length > 0) throw toError(mistakes)
  const extraGib = service.resources.ephemeralStorageGib ?? 0
  return {
    kind,
    machines,
    spot: machines.length > 0 ? machines.every(({ spot }) => spot) : (props.spot ?? false),
    idleMachineSeconds,
    diskGib: (props.diskGib ?? DEFAULTS.diskGib) + extraGib,
    warnings: [...warnOfIdleGpus(machines, gpu), ...warnOfKind(kind, machines)],
  }
}

function refuseAlibaba(service: Service): ErrorDetail[] {
  return (service.cloud.alibabaTypes ?? []).map((type) => {
    const nearest = nearestEc2Type(type, service.resources)
    const hint =
      nearest === undefined
        ? 'an EC2 instance type, or none: cpu, memory and gpu then choose'
        : `an EC2 instance type; the nearest is ${nearest.type} (${nearest.gpus} × ${nearest.gpu}, ` +
          `${nearest.cpu} vCPU, ${nearest.memoryGib} GiB)`
    const problem = 'names a machine of Alibaba Cloud, which AWS does not have'
    return { path: 'cloud.computing', problem, got: type, allowed: hint }
  })
}

function refuseWrongKind(kind: CapacityKind, { resources }: Service): ErrorDetail[] {
  const { gpu } = resources
  const path = 'metadata.gpu'
  if (kind === 'fargate' && gpu > 0) {
    const allowed = 'managed-instances or auto-scaling-group; or gpu 0'
    return [{ path, problem: 'asks for GPUs, and Fargate has none', got: String(gpu), allowed }]
  }
  if (kind === 'auto-scaling-group' && gpu === 0) {
    const problem = 'is 0, and the Auto Scaling group runs the ECS image for GPUs'
    return [{ path, problem, got: '0', allowed: '1 or more; or capacity fargate' }]
  }
  return []
}

function refuseTooSmall(machines: readonly InstanceChoice[], resources: Resources): ErrorDetail[] {
  const { gpu, cpu, memoryMib } = resources
  return machines.flatMap(({ type }) => {
    const known = findGpuMachine(type)
    if (known === undefined) return []
    const fits = known.gpus >= gpu && known.cpu >= cpu && known.memoryGib * 1024 >= memoryMib
    if (fits) return []
    const has = `${known.gpus} GPUs, ${known.cpu} vCPU, ${known.memoryGib} GiB`
    const needs = `${gpu} GPUs, ${cpu} vCPU and ${memoryMib} MiB`
    return {
      path: 'cloud.computing',
      problem: `names a machine with ${has}, and metadata gives a worker ${needs}`,
      got: type,
      allowed: 'a larger machine, or less for a worker',
    }
  })
}

function warnOfIdleGpus(machines: readonly InstanceChoice[], gpu: number): string[] {
  return machines
    .filter(({ type }) => (findGpuMachine(type)?.gpus ?? gpu) > gpu)
    .map(({ type }) => {
      const has = findGpuMachine(type)?.gpus
      return `${type} has ${has} GPUs and a worker gets ${gpu}; capacity is planned with one worker a machine, so the others may stay idle: set metadata.gpu to ${has} or name a smaller machine`
    })
}

function warnOfKind(kind: CapacityKind, machines: readonly InstanceChoice[]): string[] {
  if (kind === 'fargate' && machines.length > 0) {
    return ['cloud.computing names machines, but a worker without GPU runs on Fargate']
  }
  if (kind !== 'managed-instances') return []
  const isMixed = new Set(machines.map(({ spot }) => spot)).size > 1
  return [
    ...(machines.length > 1
      ? [
          'ECS Managed Instances take the cheapest machine of cloud.computing.instances; only an auto-scaling-group keeps the order',
        ]
      : []),
    ...(isMixed
      ? [
          'cloud.computing.instances mixes Spot and on-demand; ECS Managed Instances start on-demand ones only, an auto-scaling-group does both',
        ]
      : []),
  ]
}

function toError(details: readonly ErrorDetail[]): ServiceError {
  const lines = details.map(({ path, problem, got, allowed }) => {
    return `${path} ${problem}: got ${got}; allowed: ${allowed}`
  })
  const message = `service.json cannot be deployed to AWS: ${lines.join(' · ')}`
  return new ServiceError('invalid-service-config', message, { details })
}
