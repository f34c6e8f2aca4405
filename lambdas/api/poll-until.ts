import type { Clock } from '../../lib/ports/clock.ts'

const POLL_MS = 500

export interface Poll {
  readonly clock: Clock
  readonly waitSeconds: number
  /** Ends the wait early: the caller is gone. */
  readonly signal: AbortSignal
}

/** Asks until `isEnough` or the time is over; the last answer counts either way. */
export async function pollUntil<T>(
  { clock, waitSeconds, signal }: Poll,
  ask: () => Promise<T>,
  isEnough: (answer: T) => boolean,
): Promise<T> {
  const endMs = clock.monotonicMs() + waitSeconds * 1000
  for (;;) {
    const answer = await ask()
    const leftMs = endMs - clock.monotonicMs()
    if (isEnough(answer) || leftMs <= 0 || signal.aborted) return answer
    await clock.sleep(Math.min(POLL_MS, leftMs), signal)
  }
}
