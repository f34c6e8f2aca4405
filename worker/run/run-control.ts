import type { JobLimits } from '../../lib/job/job.ts'

/**
 * Why a running attempt must stop:
 * - canceled: the user asked for it
 * - timed-out: it ran longer than `limits.runSeconds`
 * - released: the worker stops and gives the job back
 * - lost: the lease is over, or another attempt holds the job; nothing may be written any more
 */
type StopWhy = 'canceled' | 'timed-out' | 'released' | 'lost'

export interface StopOrder {
  readonly why: StopWhy
  /** Between SIGTERM and SIGKILL. */
  readonly graceMs: number
}

/**
 * The one switch that stops an attempt. The first reason wins; a later order may only shorten the
 * grace.
 */
export class RunControl {
  readonly #abort = new AbortController()
  #order: StopOrder | undefined
  #listeners: ((order: StopOrder) => void)[] = []
  #isLost = false

  /** The first order, while there is one. */
  get order(): StopOrder | undefined {
    return this.#order
  }

  /** The right to the job is gone: whatever came first, nothing may be written any more. */
  get isLost(): boolean {
    return this.#isLost
  }

  /** Aborts with the first order. */
  get signal(): AbortSignal {
    return this.#abort.signal
  }

  stop(order: StopOrder): void {
    if (order.why === 'lost') this.#isLost = true
    const shown = this.#order === undefined ? order : { ...order, why: this.#order.why }
    this.#order ??= order
    for (const listener of this.#listeners) listener(shown)
    this.#abort.abort()
  }

  /** Each order from now on, and the one that stands already. */
  onStop(listener: (order: StopOrder) => void): void {
    this.#listeners.push(listener)
    if (this.#order !== undefined) listener(this.#order)
  }

  /** The run is over: nobody is left to be told. */
  close(): void {
    this.#listeners = []
  }
}

const MAX_TIMER_MS = 2 ** 31 - 1 // 24.8 days; Node fires at once above it

/** Stops the attempt once it has run for `limits.runSeconds` (0: never). */
export function limitRunTime(
  control: RunControl,
  { runSeconds, graceSeconds }: JobLimits,
): { clear(): void } {
  if (runSeconds === 0) return { clear: () => undefined }
  let timer: NodeJS.Timeout | undefined
  const wait = (leftMs: number): void => {
    const sliceMs = Math.min(leftMs, MAX_TIMER_MS)
    timer = setTimeout(() => {
      if (leftMs > sliceMs) wait(leftMs - sliceMs)
      else control.stop({ why: 'timed-out', graceMs: graceSeconds * 1000 })
    }, sliceMs)
  }
  wait(runSeconds * 1000)
  return { clear: () => clearTimeout(timer) }
}
