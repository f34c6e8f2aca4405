import type { TaskType } from '../../lib/job/job.ts'
import type { Message } from '../../lib/ports/queues.ts'
import { WakeableTimer } from '../../lib/pace/wakeable-timer.ts'
import type { MessageAcker } from './message-acker.ts'
import { handBack, takeMessage } from './take-message.ts'
import type { WorkerParts } from './worker-parts.ts'

/** SQS takes at most 20. */
const WAIT_SECONDS = 20
/** Room for protection (7 s), a claim and their retries. */
const VISIBILITY_SECONDS = 60
/** SQS gives at most 10 at a time. */
const MAX_MESSAGES = 10
const FIRST_BACKOFF_MS = 1000
const MAX_BACKOFF_MS = 30_000
const IDLE_MS = 60_000

export interface ReceiverOptions {
  readonly parts: WorkerParts
  readonly acker: MessageAcker
  readonly taskType: TaskType
  /** Whether jobs of this type can run here now (a query only once its model server answers). */
  readonly isReady: () => boolean
}

/**
 * Receives from one queue while there is a free slot for it, so that workers with nothing to do are
 * served first. After a refused protection, a fault of its own, or a queue that is away, it waits a
 * growing while.
 */
export class Receiver {
  readonly #options: ReceiverOptions
  readonly #timer: WakeableTimer
  readonly #running = new Set<Promise<void>>()
  #polling: AbortController | undefined
  #backoffMs = 0
  #notBeforeMs = -Infinity

  constructor(options: ReceiverOptions) {
    this.#options = options
    this.#timer = new WakeableTimer(options.parts.deps.clock)
  }

  /** Slots, readiness or the drain state changed. */
  nudge(): void {
    if (this.#room() === 0) this.#polling?.abort()
    this.#timer.wake()
  }

  /** Receives until the signal aborts; resolves when the jobs that it started have ended too. */
  async run(signal: AbortSignal): Promise<void> {
    signal.addEventListener('abort', () => this.nudge(), { once: true })
    while (!signal.aborted) {
      const waitMs = this.#notBeforeMs - this.#clock.monotonicMs()
      if (waitMs > 0) await this.#clock.sleep(waitMs, signal)
      else if (this.#room() === 0) await this.#timer.wait(IDLE_MS)
      else await this.#receive(signal)
    }
    await Promise.all(this.#running)
  }

  get #clock() {
    return this.#options.parts.deps.clock
  }

  #room(): number {
    const { parts, taskType, isReady } = this.#options
    if (!parts.isReceiving() || !isReady()) return 0
    return Math.max(Math.min(parts.slots.free(taskType), MAX_MESSAGES), 0)
  }

  async #receive(signal: AbortSignal): Promise<void> {
    const { parts, taskType } = this.#options
    this.#polling = new AbortController()
    try {
      const messages = await parts.deps.queues.receive(taskType, {
        max: this.#room(),
        waitSeconds: WAIT_SECONDS,
        visibilitySeconds: VISIBILITY_SECONDS,
        signal: AbortSignal.any([signal, this.#polling.signal]),
      })
      for (const message of messages) this.#start(message)
    } catch (error) {
      parts.deps.log.warn('queue away', { queue: taskType, error: String(error) })
      this.#backOff()
    }
  }

  #start(message: Message): void {
    const job = this.#take(message)
    this.#running.add(job)
    void job.finally(() => this.#running.delete(job))
  }

  async #take(message: Message): Promise<void> {
    const { parts, acker, taskType } = this.#options
    // A job of the other type, or a drain order, was quicker.
    if (this.#room() === 0 || !parts.slots.tryTake(taskType)) {
      await handBack(parts, { taskType, message }, 1)
      return
    }
    try {
      const taken = await takeMessage(parts, acker, { taskType, message })
      if (taken === 'refused' || taken === 'fault') this.#backOff()
      else this.#backoffMs = 0
    } catch (error) {
      parts.deps.log.error('message failed', { queue: taskType, error: String(error) })
      this.#backOff()
    } finally {
      parts.slots.giveBack(taskType)
    }
  }

  #backOff(): void {
    // Jobs that are refused together count once.
    if (this.#clock.monotonicMs() < this.#notBeforeMs) return
    this.#backoffMs = Math.min(Math.max(this.#backoffMs * 2, FIRST_BACKOFF_MS), MAX_BACKOFF_MS)
    this.#notBeforeMs = this.#clock.monotonicMs() + this.#backoffMs
  }
}
