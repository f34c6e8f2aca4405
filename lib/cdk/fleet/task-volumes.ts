import type * as ecs from 'aws-cdk-lib/aws-ecs'
import type { Service } from '../../service/service.ts'
import type { CapacityKind } from './machines/capacity-plan.ts'

/** Volumes of a task, and where the container in which jobs run sees them. */
export interface TaskVolumes {
  readonly volumes: ecs.CfnTaskDefinition.VolumeProperty[]
  readonly mountPoints: ecs.CfnTaskDefinition.MountPointProperty[]
}

export function joinVolumes(parts: readonly TaskVolumes[]): TaskVolumes {
  return {
    volumes: parts.flatMap(({ volumes }) => volumes),
    mountPoints: parts.flatMap(({ mountPoints }) => mountPoints),
  }
}

export interface SharedMemory extends TaskVolumes {
  readonly warnings: readonly string[]
}

const NOTHING: SharedMemory = { volumes: [], mountPoints: [], warnings: [] }

/**
 * `/dev/shm` of the size asked for, where ECS cannot set one. On an Auto Scaling group it can
 * (`sharedMemorySize`). ECS Managed Instances refuse that setting, and take a volume of the task in
 * its place: it is as large as the disk and kept in memory as far as there is room.
 *
 * Source: Amazon ECS Developer Guide, "Task definition differences for Amazon ECS Managed Instances".
 */
export function sharedMemoryFor({ resources }: Service, kind: CapacityKind): SharedMemory {
  if (resources.sharedMemoryMib === undefined || kind === 'auto-scaling-group') return NOTHING
  if (kind === 'fargate') {
    const warning = 'metadata.shm_size has no effect on Fargate, where /dev/shm has 64 MiB'
    return { ...NOTHING, warnings: [warning] }
  }
  const name = 'shared-memory'
  const mountPoint = { sourceVolume: name, containerPath: '/dev/shm', readOnly: false }
  const warning =
    'metadata.shm_size: on ECS Managed Instances /dev/shm is a volume of the task, limited by the disk; an auto-scaling-group has one of exactly this size in memory'
  return { volumes: [{ name, host: {} }], mountPoints: [mountPoint], warnings: [warning] }
}
