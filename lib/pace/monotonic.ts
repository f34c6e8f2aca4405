/**
 * Milliseconds on the machine's monotonic clock (`CLOCK_MONOTONIC`): the same in every process and
 * thread of the machine, so that a deadline can be handed to the guard and to the beat thread as it
 * stands. (`performance.now()` starts anew in each of them.)
 */
export function monotonicMs(): number {
  return Number(process.hrtime.bigint() / 1000n) / 1000
}
