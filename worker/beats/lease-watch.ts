import { EventEmitter } from 'node:events'
import type { BeatReport } from '../../lib/job/life/attempt.ts'
import type { Clock } from '../../lib/ports/clock.ts'

interface LeaseEvents {
  /** The lease lasts until this time of the monotonic clock. */
  renewed: [untilMs: number]
  'cancel-requested': []
  /** The row says that another attempt, or nobody, holds the job. */
  'not-holder': []
}

interface LeaseOptions {
  readonly clock: Clock
  readonly leaseMs: number
  /** When the claim was sent, on the monotonic clock. */
  readonly sentAtMs: number
  readonly report: (report: BeatReport) => void
  readonly end: () => void
}

const MAX_MARGIN_MS = 5000

/**
 * The lease of one attempt as its worker may count on it: from *sending* the last good beat, and a
 * margin shorter than the lease itself, so that everything is gone before others may begin.
 */
export class LeaseWatch extends EventEmitter<LeaseEvents> {
  readonly #options: LeaseOptions
  #sentAtMs: number

  constructor(options: LeaseOptions) {
    super()
    this.#options = options
    this.#sentAtMs = options.sentAtMs
  }

  /** On the monotonic clock. */
  get untilMs(): number {
    const { leaseMs } = this.#options
    return this.#sentAtMs + leaseMs - Math.min(leaseMs / 10, MAX_MARGIN_MS)
  }

  get lengthMs(): number {
    return this.#options.leaseMs
  }

  get isOver(): boolean {
    return this.leftMs <= 0
  }

  /** Milliseconds left, at least 0. */
  get leftMs(): number {
    return Math.max(this.untilMs - this.#options.clock.monotonicMs(), 0)
  }

  renew(sentAtMs: number): void {
    if (sentAtMs <= this.#sentAtMs) return // a late answer of an older beat
    this.#sentAtMs = sentAtMs
    this.emit('renewed', this.untilMs)
  }

  /** What the next beats carry. */
  report(report: BeatReport): void {
    this.#options.report(report)
  }

  end(): void {
    this.removeAllListeners()
    this.#options.end()
  }
}
