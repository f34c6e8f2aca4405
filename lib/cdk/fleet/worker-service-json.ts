import type { Service, StorageMount } from '../../service/service.ts'

const MIB_PER_GIB = 1024

/**
 * The service.json that workers get: of all settings only those that a worker uses, as they were
 * understood. Token, registry login, labels and scaling have no place in it, so a change of those
 * replaces no worker, and a task definition does not show them.
 *
 * Parsed again it gives the same container, resources, slots, storage, timing and version.
 */
export function workerServiceJson(service: Service): object {
  const { container, resources, slots, storage } = service
  const { port, image, env } = container
  const start = container.serverCommand ?? container.initCommand
  const { sharedMemoryMib, ephemeralStorageGib } = resources
  return {
    metadata: {
      name: service.name,
      type: 'ScalableJob',
      instance: 0,
      cpu: resources.cpu,
      memory: resources.memoryMib,
      gpu: resources.gpu,
      ...(sharedMemoryMib !== undefined && { shm_size: sharedMemoryMib / MIB_PER_GIB }),
      rpc: { worker_threads: slots.query },
    },
    containers: [
      {
        image,
        ...(start !== undefined && { script: start }),
        ...(port !== undefined && { port }),
        env: Object.entries(env).map(([name, value]) => ({ name, value })),
      },
    ],
    scalable_job: {
      command_slots: slots.command,
      queries_beside_command: slots.queriesBesideCommand,
      start_seconds: container.startSeconds,
      ...(container.jobUser !== undefined && { job_user: container.jobUser }),
      timing: timingJson(service),
    },
    storage: storage.map(mountJson),
    ...(ephemeralStorageGib !== undefined && {
      features: { 'eas.aliyun.com/extra-ephemeral-storage': `${ephemeralStorageGib}Gi` },
    }),
  }
}

function timingJson({ timing }: Service): object {
  return {
    beat_seconds: timing.beatSeconds,
    lease_seconds: timing.leaseSeconds,
    protection_minutes: timing.protectionMinutes,
    protection_hold_seconds: timing.protectionHoldSeconds,
    stop_seconds: timing.stopSeconds,
  }
}

function mountJson({ mountPath, source, readOnly }: StorageMount): object {
  const common = { mount_path: mountPath }
  if (source.kind === 'nfs') {
    const { server, path } = source
    return { ...common, nfs: { server, path, readOnly } }
  }
  const path = `${source.kind}://${source.bucket}/${source.prefix}`
  return { ...common, [source.kind]: { path, readOnly } }
}
