import { createHash } from 'node:crypto'
import type { WorkerService } from './service.ts'

const VERSION_DIGITS = 12

/** Of a service, what a worker uses. */
export function toWorkerService(service: WorkerService): WorkerService {
  const { name, taskTypes, container, resources, slots, storage } = service
  const timing = toWorkerTiming(service.timing)
  return { name, taskTypes, container, resources, slots, storage, timing }
}

type VersionedParts = Pick<
  WorkerService,
  'container' | 'resources' | 'slots' | 'storage' | 'timing'
>

/**
 * 12 hexadecimal digits that change when, and only when, what a worker runs changes. What only the
 * API or the scaler uses (scaling, token, labels, looks, limits of jobs) has no part in it, so that
 * a change there replaces no worker.
 */
export function versionOf({
  container,
  resources,
  slots,
  storage,
  timing,
}: VersionedParts): string {
  const parts = { container, resources, slots, storage, timing: toWorkerTiming(timing) }
  const digest = createHash('sha256').update(toCanonicalJson(parts)).digest('hex')
  return digest.slice(0, VERSION_DIGITS)
}

function toWorkerTiming(timing: WorkerService['timing']): WorkerService['timing'] {
  const { beatSeconds, leaseSeconds, protectionMinutes, protectionHoldSeconds, stopSeconds } =
    timing
  return { beatSeconds, leaseSeconds, protectionMinutes, protectionHoldSeconds, stopSeconds }
}

/** JSON with the keys of every object in order, so that equal values give equal text. */
function toCanonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  )
}
