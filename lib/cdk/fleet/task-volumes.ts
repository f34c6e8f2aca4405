import type * as ecs from 'aws-cdk-lib/aws-ecs'

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
