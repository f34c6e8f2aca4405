import type { Clock } from '../../ports/clock.ts'
import type { ScalerKick } from '../../ports/scaler-kick.ts'

/** Kicks inside one process: one that comes while a look is under way is kept for after it. */
export class LookWaker implements ScalerKick {
  #isKicked = false
  #wake: (() => void) | undefined

  kick(): Promise<void> {
    this.#isKicked = true
    this.#wake?.()
    return Promise.resolve()
  }

  /** Whether a kick came within `ms` (monotonic) or before; it is then used up. */
  async wait(clock: Clock, ms: number, signal: AbortSignal): Promise<boolean> {
    if (!this.#isKicked) await this.#sleep(clock, ms, signal)
    const wasKicked = this.#isKicked
    this.#isKicked = false
    return wasKicked
  }

  async #sleep(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
    const timer = new AbortController()
    this.#wake = () => timer.abort()
    await clock.sleep(ms, AbortSignal.any([timer.signal, signal]))
    this.#wake = undefined
  }
}
