/**
 * A wait for a time or for news, whichever comes first. News that comes while nobody waits ends the
 * next wait at once; news of several kinds, or that comes several times, ends one wait only. One
 * caller waits at a time.
 */
export class WakeableTimer {
  readonly #clock: Sleeper
  #news = new AbortController()

  constructor(clock: Sleeper) {
    this.#clock = clock
  }

  wake(): void {
    this.#news.abort()
  }

  /**
   * Ends after `ms` (at once where that is below 0, only by news where it is `Infinity`), with news,
   * or when the signal aborts.
   *
   * @returns whether there was news
   */
  async wait(ms: number, signal?: AbortSignal): Promise<boolean> {
    const news = this.#news.signal
    const ends = signal === undefined ? news : AbortSignal.any([news, signal])
    await this.#clock.sleep(Math.max(ms, 0), ends)
    if (!news.aborted) return false
    this.#news = new AbortController()
    return true
  }
}

/** What can wait. The `Clock` port is one. */
export interface Sleeper {
  /** Resolves after `ms`, or at once when the signal aborts; never rejects. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
}
