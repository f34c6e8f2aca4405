/** Waits that double, in milliseconds. */
export interface BackoffTimes {
  /** Before the first repeat. */
  readonly firstMs: number
  /** No wait is longer. */
  readonly maxMs: number
}

/** The wait after `repeats` earlier ones (from 0), without jitter, for times that are noted in a row. */
export function doubledMs(repeats: number, { firstMs, maxMs }: BackoffTimes): number {
  return Math.min(firstMs * 2 ** repeats, maxMs)
}

export interface Backoff {
  /** How long to wait now; each call lengthens the next wait. */
  nextMs(): number
  /** After a success: the next wait is a first one again. */
  reset(): void
}

/**
 * Waits between the tries of one thing. Each is between half of its doubled time and the whole of
 * it, at random: many callers that failed together do not come back together.
 *
 * @param random a number from 0 up to 1, as `Math.random` (the default) gives it
 */
export function backoff(times: BackoffTimes, random: () => number = Math.random): Backoff {
  let repeats = 0
  return {
    nextMs() {
      const wholeMs = doubledMs(repeats, times)
      repeats += 1
      return (wholeMs * (1 + random())) / 2
    },
    reset() {
      repeats = 0
    },
  }
}
