import type { Clock } from '../../lib/ports/clock.ts'

/** Stops waiting, not the work. */
export async function waitAtMost(clock: Clock, ms: number, work: Promise<void>): Promise<void> {
  const enough = new AbortController()
  await Promise.race([work, clock.sleep(ms, enough.signal)])
  enough.abort()
}
