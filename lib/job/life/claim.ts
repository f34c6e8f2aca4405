import { type Change, type Job, toTimestamp } from '../job.ts'

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
