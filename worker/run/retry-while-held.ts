import { PortUnavailable } from '../../lib/ports/port-unavailable.ts'
import { monotonicMs } from '../../lib/pace/monotonic.ts'
import type { RunContext } from './run-context.ts'

const MAX_BACKOFF_MS = 5000
const MAX_LEAVING_MS = 20_000

/**
 * Repeats a call to a store that is away, while the attempt holds its job and for no longer than a
 * whole lease: a store that is away for less than that costs no job.
 *
 * @throws PortUnavailable the last one
 */
export async function retryWhileHeld<T>(
  { lease, control, deps, log }: Pick<RunContext, 'lease' | 'control' | 'deps' | 'log'>,
  action: () => Promise<T>,
): Promise<T> {
  const startedMs = monotonicMs()
  for (let backoffMs = 200; ; backoffMs = Math.min(backoffMs * 2, MAX_BACKOFF_MS)) {
    try {
      return await action()
    } catch (error) {
      const mayRetry =
        !control.isLost && !lease.isOver && monotonicMs() - startedMs < limitMs(control, lease)
      if (!(error instanceof PortUnavailable) || !mayRetry) throw error
      log.warn('store away; trying again', { error: String(error) })
      await deps.clock.sleep(Math.min(backoffMs, lease.leftMs))
    }
  }
}

/** A worker that is told to go has no whole lease left. */
function limitMs(control: RunContext['control'], lease: RunContext['lease']): number {
  const isLeaving = control.order?.why === 'released'
  return isLeaving ? Math.min(lease.lengthMs, MAX_LEAVING_MS) : lease.lengthMs
}
