import type { Clock } from '../../ports/clock.ts'

/** Timers of Node hold at most 2^31 ms. */
const MAX_SLEEP_MS = 3_600_000

/** Calls `act` soon after something happened, or when a moment has come. */
export class Waker {
  readonly #clock: Clock
  readonly #act: () => void
  #woken = false
  #timer = new AbortController()

  constructor(clock: Clock, act: () => void) {
    this.#clock = clock
    this.#act = act
  }

  /** Many events of one moment make one call. */
  wake(): void {
    if (this.#woken) return
    this.#woken = true
    queueMicrotask(() => {
      this.#woken = false
      this.#act()
    })
  }

  /** Wakes at the first of these monotonic times that is still to come, instead of those before. */
  wakeAt(timesMs: readonly number[]): void {
    this.#timer.abort()
    const nowMs = this.#clock.monotonicMs()
    const toCome = timesMs.filter((atMs) => atMs > nowMs)
    if (toCome.length === 0) return
    const timer = new AbortController()
    this.#timer = timer
    const sleepMs = Math.min(Math.ceil(Math.min(...toCome) - nowMs), MAX_SLEEP_MS)
    void this.#clock.sleep(sleepMs, timer.signal).then(() => {
      if (!timer.signal.aborted) this.wake()
    })
  }

  stop(): void {
    this.#timer.abort()
  }
}
