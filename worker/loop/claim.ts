import { type ClaimRefusal, beat, claim, holdsLease } from '../../lib/job/life/attempt.ts'
import { expireInQueue, isExpiredInQueue, requestCancel } from '../../lib/job/life/ending.ts'
import { type Change, type Job, type TaskType, isEnded } from '../../lib/job/job.ts'
import type { ReadyMessage } from '../../lib/job/messages.ts'
import { changeJob } from '../../lib/job/store/change-job.ts'
import type { StoredJob } from '../../lib/job/store/job-row.ts'
import { sendNext } from '../run/finish-job.ts'
import type { RunningWorker } from './running-worker.ts'

export type ClaimResult =
  | ClaimedJob
  /** The message means nothing any more: delete it. */
  | { readonly kind: 'done'; readonly why: string }
  /** Not now: hand the message back. */
  | { readonly kind: 'later'; readonly why: string }

export interface ClaimedJob {
  readonly kind: 'claimed'
  readonly stored: StoredJob
  /** When the claim was sent, on the monotonic clock; the lease counts from there. */
  readonly sentAtMs: number
}

const MAX_TRIES = 3

/**
 * Makes this worker the holder of the attempt that a message announces, by one conditional write. A
 * job that may not start any more (canceled, or expired in its queue) gets its end instead.
 */
export class Claim {
  readonly #worker: RunningWorker
  readonly #ready: ReadyMessage
  readonly #leaseSeconds: number
  /**
   * When the last try was sent, on the monotonic clock: from then on the claim may stand in the row,
   * whether it was answered or not.
   */
  #sentAtMs: number | undefined

  constructor(worker: RunningWorker, taskType: TaskType, ready: ReadyMessage) {
    this.#worker = worker
    this.#ready = ready
    this.#leaseSeconds = worker.deps.service.timing.leaseSeconds[taskType]
  }

  /**
   * Tries until it is certain what became of the claim. A try whose answer did not come may have
   * been written: a later try then finds the job ours, and begins its lease anew. So it does where
   * the answer came so late that little of the lease is left.
   *
   * Three tries where nothing was sent. A claim that was sent is tried for as long as its lease could
   * last: if the message went back earlier, the row could still name this worker as the holder, and
   * the job would wait for the whole lease and lose one of its attempts.
   */
  async run(): Promise<ClaimResult> {
    const { clock, log, pace } = this.#worker.deps
    const wait = pace.backoff('claim')
    let late: ClaimedJob | undefined
    for (let tries = 1; ; tries += 1) {
      try {
        const result = await this.#try()
        if (result.kind !== 'claimed' || !this.#isLate(result)) return result
        late = result
      } catch (error) {
        log.warn('claim unanswered', { jobId: this.#ready.jobId, error: String(error) })
      }
      if (tries >= MAX_TRIES && (late !== undefined || !this.#isWorthATry)) {
        return late ?? { kind: 'later', why: 'the table does not answer' }
      }
      if (late === undefined) await clock.sleep(wait.nextMs())
    }
  }

  /** Whether the claim may stand in the row, and its lease be good. */
  get #isWorthATry(): boolean {
    const { isReceiving, deps } = this.#worker
    if (this.#sentAtMs === undefined || !isReceiving) return false
    return deps.clock.monotonicMs() < this.#sentAtMs + this.#leaseSeconds * 1000
  }

  /** Whether half of the lease was over before the job began. */
  #isLate({ sentAtMs }: ClaimedJob): boolean {
    const ageMs = this.#worker.deps.clock.monotonicMs() - sentAtMs
    return ageMs > (this.#leaseSeconds * 1000) / 2
  }

  /** @throws PortUnavailable whether it was written is then unknown */
  async #try(): Promise<ClaimResult> {
    const { deps } = this.#worker
    const mayBeOurs = this.#sentAtMs !== undefined
    const changed = await changeJob(deps.table, { id: this.#ready.jobId }, (job) => {
      // The write follows at once; the reads before it are no part of the lease.
      const judgedAtMs = deps.clock.monotonicMs()
      const change = this.#decide(job, mayBeOurs)
      if (change.ok) this.#sentAtMs = judgedAtMs
      return change
    })
    // The message of a job that is not due yet is of use later. The time to live of an absent job is over.
    if (!changed.ok) return { kind: changed.why === 'not-due' ? 'later' : 'done', why: changed.why }
    const { stored } = changed
    if (!isEnded(stored.job.status)) {
      return { kind: 'claimed', stored, sentAtMs: this.#sentAtMs ?? deps.clock.monotonicMs() }
    }
    await sendNext(deps, stored)
    return { kind: 'done', why: stored.job.status }
  }

  #decide(job: Job, mayBeOurs: boolean): Change<ClaimRefusal | 'not-holder'> {
    const { workerId, taskId, clock } = this.#worker.deps
    const { attempt } = this.#ready
    const nowMs = clock.now()
    const holder = { workerId, attempt }
    if (mayBeOurs && holdsLease(job, holder)) return beat(job, holder, {})
    if (job.status === 'queued' && job.cancel !== undefined) {
      const ended = requestCancel(job, job.cancel.by, nowMs)
      if (ended.ok) return ended
    }
    if (isExpiredInQueue(job, nowMs)) {
      const expired = expireInQueue(job, nowMs)
      if (expired.ok) return expired
    }
    return claim(job, { ...holder, taskId, leaseSeconds: this.#leaseSeconds }, nowMs)
  }
}
