import type { Observed } from '../../scaling/observation.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Log } from '../../ports/log.ts'
import { waitAtMost } from '../../pace/wait-at-most.ts'

/** Longest that one part of an observation may take. */
const OBSERVE_BOUND_MS = 4000

/**
 * One part of an observation, in its own try and with its own bound: a part that fails or hangs is
 * "could not observe" and spoils no other part.
 */
export async function observePart<T>(
  { clock, log }: { readonly clock: Clock; readonly log: Log },
  part: string,
  ask: () => Promise<T>,
): Promise<Observed<T>> {
  const late = { seen: false, why: `no answer within ${OBSERVE_BOUND_MS} ms` } as const
  const observed = (await waitAtMost(clock, OBSERVE_BOUND_MS, tryToAsk(ask))) ?? late
  if (!observed.seen) log.warn('could not observe', { part, why: observed.why })
  return observed
}

/** Never rejects, also when it answers after the race is over. */
async function tryToAsk<T>(ask: () => Promise<T>): Promise<Observed<T>> {
  try {
    return { seen: true, value: await ask() }
  } catch (error) {
    return { seen: false, why: error instanceof Error ? error.message : String(error) }
  }
}
