import type { Sleeper } from '../pace/wakeable-timer.ts'

/** Time, so that tests turn it by hand. `sleep` resolves at once when its signal aborts. */
export interface Clock extends Sleeper {
  /** Milliseconds since 1970; may jump. */
  now(): number
  /** Milliseconds from any start; never goes back, stands still while the machine sleeps. */
  monotonicMs(): number
}
