import type { Clock } from '../ports/clock.ts'

/** Short jobs are answered at once; for long ones the waits grow, since each look reads the table. */
const FIRST_WAIT_MS = 15
const MAX_WAIT_MS = 500
const GROWTH = 1.5

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
  for (let waitMs = FIRST_WAIT_MS; ; waitMs = Math.min(waitMs * GROWTH, MAX_WAIT_MS)) {
    const answer = await ask()
    const leftMs = endMs - clock.monotonicMs()
    if (isEnough(answer) || leftMs <= 0 || signal.aborted) return answer
    await clock.sleep(Math.min(waitMs, leftMs), signal)
  }
}
