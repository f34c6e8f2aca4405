import { PortUnavailable } from '../lib/ports/port-unavailable.ts'
import { monotonicMs } from './monotonic.ts'
import type { RunContext } from './run-context.ts'

const MAX_BACKOFF_MS = 5000

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
  const untilMs = monotonicMs() + lease.lengthMs
  for (let backoffMs = 200; ; backoffMs = Math.min(backoffMs * 2, MAX_BACKOFF_MS)) {
    try {
      return await action()
    } catch (error) {
      const mayRetry = !control.isLost && !lease.isOver && monotonicMs() < untilMs
      if (!(error instanceof PortUnavailable) || !mayRetry) throw error
      log.warn('store away; trying again', { error: String(error) })
      await deps.clock.sleep(Math.min(backoffMs, lease.leftMs))
    }
  }
}
