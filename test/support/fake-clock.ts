import type { Clock } from '../../lib/ports/clock.ts'

interface Sleeper {
  readonly atMs: number
  readonly wake: () => void
}

/** A clock that tests turn by hand: sleepers wake only when `advance` passes their time. */
export class FakeClock implements Clock {
  #wallMs: number
  #monotonicMs = 0
  #sleepers: Sleeper[] = []

  constructor(wallMs = Date.parse('2026-01-01T00:00:00.000Z')) {
    this.#wallMs = wallMs
  }

  now(): number {
    return this.#wallMs
  }

  monotonicMs(): number {
    return this.#monotonicMs
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted === true) return Promise.resolve()
    return new Promise((resolve) => {
      this.#sleepers.push({ atMs: this.#monotonicMs + ms, wake: resolve })
      signal?.addEventListener('abort', () => resolve(), { once: true })
    })
  }

  /** Time passes for both clocks; sleepers that are due wake in their order. */
  async advance(ms: number): Promise<void> {
    const endMs = this.#monotonicMs + ms
    for (;;) {
      await settle()
      const next = this.#takeNextDue(endMs)
      if (next === undefined) break
      this.#move(next.atMs - this.#monotonicMs)
      next.wake()
    }
    this.#move(endMs - this.#monotonicMs)
    await settle()
  }

  /** The wall clock jumps (the machine slept, or someone set it); the monotonic one does not. */
  jump(ms: number): void {
    this.#wallMs += ms
  }

  #takeNextDue(endMs: number): Sleeper | undefined {
    const due = this.#sleepers.filter((sleeper) => sleeper.atMs <= endMs)
    const next = due.toSorted((one, other) => one.atMs - other.atMs)[0]
    if (next !== undefined) this.#sleepers = this.#sleepers.filter((each) => each !== next)
    return next
  }

  #move(ms: number): void {
    this.#monotonicMs += Math.max(ms, 0)
    this.#wallMs += Math.max(ms, 0)
  }
}

/** Lets everything that is ready run: a few turns of the event loop. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 3; turn += 1) {
    await new Promise<void>((resolve) => {
      setImmediate(resolve)
    })
  }
}
