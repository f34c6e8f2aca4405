import { createHash } from 'node:crypto'
import type { Service } from './service.ts'

const VERSION_DIGITS = 12

/**
 * 12 hexadecimal digits that change when, and only when, what a worker runs changes. What only the
 * API or the scaler uses (scaling, token, labels, looks, limits of jobs) has no part in it, so that
 * a change there replaces no worker.
 */
export function versionOf(
  described: Pick<Service, 'container' | 'resources' | 'slots' | 'storage' | 'timing'>,
): string {
  const { container, resources, slots, storage, timing } = described
  const { lookSeconds: _look, kickOnSubmit: _kick, ...workerTiming } = timing
  const text = toCanonicalJson({ container, resources, slots, storage, timing: workerTiming })
  return createHash('sha256').update(text).digest('hex').slice(0, VERSION_DIGITS)
}

/** JSON with the keys of every object in order, so that equal values give equal text. */
function toCanonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  )
}
