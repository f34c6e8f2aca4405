import { PortUnavailable } from '../../lib/ports/port-unavailable.ts'
import type { Attempt } from './attempt.ts'

/** A worker that is told to go has no whole lease left. */
const MAX_LEAVING_MS = 20_000

class LeaseLost extends Error {
  constructor() {
    super('the lease of the attempt is lost')
  }
}

/**
 * Makes a call to a store, and repeats it where the store is away, while the attempt holds its job
 * and for no longer than a whole lease: a store that is away for less than that costs no job.
 *
 * @throws PortUnavailable the last one
 * @throws LeaseLost where another attempt may hold the job: nothing is to be written any more
 */
export async function retryWhileHeld<T>(
  { lease, control, deps, log }: Pick<Attempt, 'lease' | 'control' | 'deps' | 'log'>,
  action: () => Promise<T>,
): Promise<T> {
  const { clock, pace } = deps
  const wait = pace.backoff('store')
  const startedMs = clock.monotonicMs()
  for (;;) {
    if (control.isLost) throw new LeaseLost()
    try {
      return await action()
    } catch (error) {
      const isLeaving = control.order?.why === 'released'
      const limitMs = isLeaving ? Math.min(lease.lengthMs, MAX_LEAVING_MS) : lease.lengthMs
      const hasTime = !lease.isOver && clock.monotonicMs() - startedMs < limitMs
      if (!(error instanceof PortUnavailable) || control.isLost || !hasTime) throw error
      log.warn('store away; trying again', { error: String(error) })
      await clock.sleep(Math.min(wait.nextMs(), lease.leftMs))
    }
  }
}
