import type { TaskType } from '../../lib/job/job.ts'
import type { Message } from '../../lib/ports/queues.ts'
import type { Backoff } from '../../lib/pace/backoff.ts'
import { WakeableTimer } from '../../lib/pace/wakeable-timer.ts'
import type { RunningWorker } from './running-worker.ts'
import { handBack, takeMessage } from './take-message.ts'

/** SQS takes at most 20. */
const WAIT_SECONDS = 20
/** Room for protection (7 s), a claim and their retries. */
const VISIBILITY_SECONDS = 60
/** SQS gives at most 10 at a time. */
const MAX_MESSAGES = 10
/** News wakes it before. */
const IDLE_MS = 60_000

/**
 * Receives from one queue while there is a free slot for it, so that workers with nothing to do are
 * served first. After a refused protection, a fault of its own, or a queue that is away, it waits a
 * growing while.
 */
export class Receiver {
  readonly #worker: RunningWorker
  readonly #taskType: TaskType
  readonly #timer: WakeableTimer
  readonly #backoff: Backoff
  readonly #running = new Set<Promise<void>>()
  #polling: AbortController | undefined
  #notBeforeMs = -Infinity

  constructor(worker: RunningWorker, taskType: TaskType) {
    const { clock, pace } = worker.deps
    this.#worker = worker
    this.#taskType = taskType
    this.#timer = new WakeableTimer(clock)
    this.#backoff = pace.backoff('receive')
    worker.onNews(() => this.#lookAnew())
  }

  /** Receives until the worker stops to; resolves when the jobs that it started have ended too. */
  async run(): Promise<void> {
    const { receiving, deps } = this.#worker
    const { signal } = receiving
    while (!signal.aborted) {
      const waitMs = this.#notBeforeMs - deps.clock.monotonicMs()
      if (waitMs > 0) await deps.clock.sleep(waitMs, signal)
      else if (this.#room === 0) await this.#timer.wait(IDLE_MS, signal)
      else await this.#receive(signal)
    }
    await Promise.all(this.#running)
  }

  #lookAnew(): void {
    if (this.#room === 0) this.#polling?.abort()
    this.#timer.wake()
  }

  get #room(): number {
    const { isReceiving, readiness, slots } = this.#worker
    if (!isReceiving || !readiness.isReadyFor(this.#taskType)) return 0
    return Math.max(Math.min(slots.free(this.#taskType), MAX_MESSAGES), 0)
  }

  async #receive(signal: AbortSignal): Promise<void> {
    const { queues, log } = this.#worker.deps
    this.#polling = new AbortController()
    try {
      const messages = await queues.receive(this.#taskType, {
        max: this.#room,
        waitSeconds: WAIT_SECONDS,
        visibilitySeconds: VISIBILITY_SECONDS,
        signal: AbortSignal.any([signal, this.#polling.signal]),
      })
      for (const message of messages) {
        const running = this.#take(message).finally(() => this.#running.delete(running))
        this.#running.add(running)
      }
    } catch (error) {
      log.warn('queue away', { queue: this.#taskType, error: String(error) })
      this.#backOff()
    }
  }

  /** Never rejects. */
  async #take(message: Message): Promise<void> {
    const { deps, slots } = this.#worker
    const taskType = this.#taskType
    // A job of another type, or a drain order, was quicker.
    if (this.#room === 0 || !slots.tryTake(taskType)) {
      await handBack(deps, { taskType, message }, 1)
      return
    }
    try {
      const end = await takeMessage(this.#worker, { taskType, message })
      if (end === 'refused' || end === 'fault') this.#backOff()
      else this.#backoff.reset()
    } catch (error) {
      deps.log.error('message failed', { queue: taskType, error: String(error) })
      this.#backOff()
    } finally {
      slots.giveBack(taskType)
    }
  }

  #backOff(): void {
    const nowMs = this.#worker.deps.clock.monotonicMs()
    // Jobs that are refused together count once.
    if (nowMs >= this.#notBeforeMs) this.#notBeforeMs = nowMs + this.#backoff.nextMs()
  }
}
