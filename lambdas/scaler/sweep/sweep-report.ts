/** What one sweep did; absent counts were not observed. */
export interface SweepReport {
  readonly resent: number
  readonly expired: number
  readonly notified: number
  readonly lost: number
  readonly cleaned: number
  readonly running?: number
  readonly deadLetters?: number
}
