import { type ClaimRefusal, beat, claim, holdsLease } from '../../lib/job/life/attempt.ts'
import { expireInQueue, isExpiredInQueue, requestCancel } from '../../lib/job/life/ending.ts'
import { changeJob } from '../../lib/job/store/change-job.ts'
import type { StoredJob } from '../../lib/job/store/job-row.ts'
import { type Change, type Job, isEnded } from '../../lib/job/job.ts'
import type { ReadyMessage } from '../../lib/job/messages.ts'
import { monotonicMs } from '../../lib/pace/monotonic.ts'
import { sendNext } from '../run/send-next.ts'
import type { WorkerDeps } from './worker-deps.ts'

export type Claimed =
  /** `sentAtMs`: when the claim was sent, on the monotonic clock; the lease counts from there. */
  | { readonly kind: 'claimed'; readonly stored: StoredJob; readonly sentAtMs: number }
  /** The message means nothing any more: delete it. */
  | { readonly kind: 'done'; readonly why: string }
  /** Not now: hand the message back. */
  | { readonly kind: 'later'; readonly why: string }

/** The tries of one claim. */
export interface SentClaim {
  /**
   * When the last of them was sent, on the monotonic clock: from then on it may have been written,
   * whether an answer comes or not.
   */
  atMs?: number
}

/**
 * One conditional write that makes this worker the holder of the job's next attempt. A job that may
 * not start any more (canceled, or expired in its queue) gets its end instead.
 *
 * @param sent what earlier tries of this very claim have sent; this one is noted in it
 * @throws PortUnavailable the message must then be handed back, never deleted
 */
export async function claimJob(
  deps: WorkerDeps,
  signal: ReadyMessage,
  sent: SentClaim,
): Promise<Claimed> {
  const mayBeOurs = sent.atMs !== undefined
  const holder = { workerId: deps.workerId, attempt: signal.attempt }
  const changed = await changeJob<ClaimRefusal | 'not-holder'>(
    deps.table,
    { id: signal.jobId },
    (job) => {
      // What is judged now is written next; the reads before it are no part of the lease.
      const judgedAtMs = monotonicMs()
      const change =
        mayBeOurs && holdsLease(job, holder)
          ? beat(job, holder, {})
          : claimOrEnd(deps, job, signal.attempt)
      if (change.ok) sent.atMs = judgedAtMs
      return change
    },
  )
  if (!changed.ok) return refuse(changed.why)
  const { stored } = changed
  if (!isEnded(stored.job.status)) {
    return { kind: 'claimed', stored, sentAtMs: sent.atMs ?? monotonicMs() }
  }
  await sendNext(deps, stored)
  return { kind: 'done', why: stored.job.status }
}

function claimOrEnd(deps: WorkerDeps, job: Job, attempt: number): Change<ClaimRefusal> {
  const { workerId, taskId, service, clock } = deps
  const nowMs = clock.now()
  if (job.status === 'queued' && job.cancel !== undefined) {
    const ended = requestCancel(job, job.cancel.by, nowMs)
    if (ended.ok) return ended
  }
  if (isExpiredInQueue(job, nowMs)) {
    const expired = expireInQueue(job, nowMs)
    if (expired.ok) return expired
  }
  const leaseSeconds = service.timing.leaseSeconds[job.taskType]
  return claim(job, { workerId, taskId, leaseSeconds, attempt }, nowMs)
}

function refuse(why: ClaimRefusal | 'absent' | 'not-holder'): Claimed {
  // Only a job that will be due says anything for this message; `absent` had its time to live.
  return why === 'not-due' ? { kind: 'later', why } : { kind: 'done', why }
}
