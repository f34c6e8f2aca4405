import type { Clock } from '../../lib/ports/clock.ts'
import { isPortOpen, type Model } from './model.ts'

interface ForeignModelOptions {
  readonly port: number
  readonly startSeconds: number
  readonly clock: Clock
  /** After each change of state. */
  readonly onChange: () => void
}

const LOOK_MS = 1000

/**
 * A model server that the worker did not start: the image keeps its own entry point, and the worker
 * stands beside it. Its port is looked at once a second; each `startSeconds` without an open port
 * count as a failed start.
 */
export class ForeignModel implements Model {
  readonly #options: ForeignModelOptions
  readonly #closing = new AbortController()
  readonly #running: Promise<void>
  isReady = false
  failedStarts = 0
  readonly note = 'the model server does not open its port'

  constructor(options: ForeignModelOptions) {
    this.#options = options
    this.#running = this.#watch()
  }

  doubt(): void {
    if (!this.isReady) return
    this.isReady = false
    this.#options.onChange()
  }

  async close(): Promise<void> {
    this.#closing.abort()
    await this.#running
  }

  async #watch(): Promise<void> {
    const { port, startSeconds, clock, onChange } = this.#options
    let closedSinceMs = clock.monotonicMs()
    while (!this.#closing.signal.aborted) {
      const wasReady = this.isReady
      this.isReady = await isPortOpen(port)
      if (this.isReady !== wasReady) {
        this.failedStarts = 0
        closedSinceMs = clock.monotonicMs()
        onChange()
      } else if (!this.isReady && clock.monotonicMs() - closedSinceMs >= startSeconds * 1000) {
        this.failedStarts += 1
        closedSinceMs = clock.monotonicMs()
        onChange()
      }
      await clock.sleep(LOOK_MS, this.#closing.signal)
    }
  }
}
