/** What one reaper did; absent counts were not observed. */
export interface ReaperReport {
  readonly resent: number
  readonly expired: number
  /** Ended because nobody takes their type. */
  readonly unserved: number
  readonly notified: number
  readonly lost: number
  readonly cleaned: number
  readonly running?: number
  readonly deadLetters?: number
}
