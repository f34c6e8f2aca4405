import { setTimeout as timer } from 'node:timers/promises'
import { monotonicMs } from '../../pace/monotonic.ts'
import type { Clock } from '../../ports/clock.ts'

const MAX_TIMER_MS = 2_147_483_647 // setTimeout fires at once above this

/** The time of this machine. `monotonicMs` is the same in each of its processes and threads. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonicMs,
  sleep,
}

async function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  let leftMs = Math.max(0, ms)
  do {
    if (signal?.aborted === true) return
    const sliceMs = Math.min(leftMs, MAX_TIMER_MS)
    // The only rejection is the abort, which ends the sleep early.
    await timer(sliceMs, undefined, signal && { signal }).catch(() => undefined)
    leftMs -= sliceMs
  } while (leftMs > 0)
}
