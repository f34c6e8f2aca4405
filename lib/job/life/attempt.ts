/** One attempt while it runs: claimed, kept by beats, with checkpoints that count. */
import {
  type Change,
  type CheckpointRef,
  type Job,
  type LogCounts,
  type Progress,
  toTimestamp,
} from '../job.ts'

/** One attempt by one worker: what every later write of that attempt is fenced on. */
export interface Holder {
  readonly workerId: string
  readonly attempt: number
}

/** Whether this attempt still has the right to the job. */
export function holdsLease(job: Job, holder: Holder): boolean {
  return (
    job.status === 'running' &&
    job.attempt === holder.attempt &&
    job.lease?.workerId === holder.workerId
  )
}

export type ClaimRefusal = 'ended' | 'running' | 'not-due' | 'other-attempt' | 'cancel-requested'

export interface ClaimBy {
  readonly workerId: string
  readonly taskId: string
  readonly leaseSeconds: number
  /** The attempt that the message announced. */
  readonly attempt: number
}

/** queued, attempt n−1, not cancel-requested → running, attempt n, this worker, beat 0. */
export function claim(job: Job, by: ClaimBy, nowMs: number): Change<ClaimRefusal> {
  if (job.status === 'running') return { ok: false, why: 'running' }
  if (job.status !== 'queued') return { ok: false, why: 'ended' }
  if (job.cancel !== undefined) return { ok: false, why: 'cancel-requested' }
  if (by.attempt !== job.attempt + 1) return { ok: false, why: 'other-attempt' }
  const at = toTimestamp(nowMs)
  const { readyAt: _readyAt, progress: _progress, logs: _logs, ...rest } = job
  const { checkpoint } = job
  return {
    ok: true,
    job: {
      ...rest,
      status: 'running',
      attempt: by.attempt,
      startedAt: at,
      ...(checkpoint && {
        resumedFrom: { attempt: checkpoint.attempt, number: checkpoint.number },
      }),
      lease: {
        workerId: by.workerId,
        taskId: by.taskId,
        beat: 0,
        grantedAt: at,
        leaseSeconds: by.leaseSeconds,
      },
    },
  }
}

export interface BeatReport {
  readonly progress?: Progress
  readonly logs?: LogCounts
}

/** Renews the lease and carries what the attempt has to say. */
export function beat(job: Job, holder: Holder, report: BeatReport): Change<'not-holder'> {
  const { lease } = job
  if (lease === undefined || !holdsLease(job, holder)) return { ok: false, why: 'not-holder' }
  return { ok: true, job: { ...job, ...report, lease: { ...lease, beat: lease.beat + 1 } } }
}

/** A checkpoint counts once its manifest stands in the row; only the running attempt may write it. */
export function recordCheckpoint(
  job: Job,
  holder: Holder,
  checkpoint: CheckpointRef,
): Change<'not-holder' | 'older'> {
  if (!holdsLease(job, holder)) return { ok: false, why: 'not-holder' }
  const last = job.checkpoint
  const isOlder = last?.attempt === checkpoint.attempt && last.number >= checkpoint.number
  if (isOlder) return { ok: false, why: 'older' }
  return { ok: true, job: { ...job, checkpoint } }
}
