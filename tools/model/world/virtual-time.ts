import type { Clock } from '../../../lib/ports/clock.ts'
import { type Lane, runAs } from './process.ts'

export interface Timer {
  readonly lane: Lane
  readonly atMs: number
  readonly wake: () => void
}

/** What the wall clocks of processes that agree show at the start. */
export const START_MS = Date.parse('2026-01-01T12:00:00.000Z')

/** Time that passes only when nothing else can happen. */
export class VirtualTime {
  nowMs = 0
  #timers: Timer[] = []

  /** The clock of a lane. */
  clockOf(lane: Lane): Clock {
    return {
      now: () => START_MS + Math.floor(this.nowMs) + lane.process.skewMs,
      monotonicMs: () => this.nowMs,
      sleep: (ms, signal) => this.#sleep(lane, ms, signal),
    }
  }

  /** @returns a function that takes the timer away */
  after(lane: Lane, ms: number, wake: () => void): () => void {
    const timer = { lane, atMs: this.nowMs + Math.max(ms, 0), wake }
    this.#timers.push(timer)
    return () => {
      const at = this.#timers.indexOf(timer)
      if (at >= 0) this.#timers.splice(at, 1)
    }
  }

  /** Runs code of a lane now, or when the lane turns again; never, once its process is dead. */
  deliver(lane: Lane, code: () => void): void {
    if (lane.process.isDead) return
    if (lane.frozenUntilMs > this.nowMs) this.after(lane, 0, code)
    else runAs(lane, code)
  }

  /** When the next timer is due; Infinity where there is none. */
  nextAtMs(): number {
    this.#timers = this.#timers.filter(({ lane }) => !lane.process.isDead)
    let nextMs = Infinity
    for (const timer of this.#timers) nextMs = Math.min(nextMs, dueAtMs(timer))
    return nextMs
  }

  /** Time goes on to `atMs`, and every timer that is due by then wakes. */
  advanceTo(atMs: number): void {
    this.nowMs = Math.max(this.nowMs, atMs)
    const due = this.#timers
      .filter((timer) => dueAtMs(timer) <= this.nowMs)
      .toSorted((one, other) => one.atMs - other.atMs)
    this.#timers = this.#timers.filter((timer) => !due.includes(timer))
    for (const { lane, wake } of due) if (!lane.process.isDead) runAs(lane, wake)
  }

  /** Where everybody's waits stand, for telling two states apart. */
  describe(): string {
    return this.#timers
      .map(({ lane, atMs }) => `${lane.name}@${atMs}`)
      .sort()
      .join()
  }

  #sleep(lane: Lane, ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted === true) return Promise.resolve()
    return new Promise((resolve) => {
      const clear = this.after(lane, ms, () => {
        signal?.removeEventListener('abort', stop)
        resolve()
      })
      const stop = (): void => {
        clear()
        resolve()
      }
      signal?.addEventListener('abort', stop, { once: true })
    })
  }
}

function dueAtMs({ lane, atMs }: Timer): number {
  return Math.max(atMs, lane.frozenUntilMs)
}
