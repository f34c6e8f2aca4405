import type { Clock } from '../../lib/ports/clock.ts'

/** A sleep that can be cut short: what waits for time or for news, whichever comes first. */
export class Alarm {
  readonly #clock: Clock
  #rung = new AbortController()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Wakes the waiter; rung while nobody waits, the next wait ends at once. */
  ring(): void {
    this.#rung.abort()
  }

  async wait(ms: number): Promise<void> {
    await this.#clock.sleep(Math.max(ms, 0), this.#rung.signal)
    this.#rung = new AbortController()
  }
}
