import { closeAttempt } from './close-attempt.ts'
import { endJob } from './end-job.ts'
import type { Change, EndDetail, Job } from '../job.ts'
import { requeue } from './requeue.ts'

/** The lease as it was judged: a newer beat, attempt or worker means that the verdict is stale. */
export interface SeenLease {
  readonly workerId: string
  readonly attempt: number
  /** Absent when the worker itself gives the job back, whatever beat it has reached. */
  readonly beat?: number
}

/**
 * The attempt is over because its worker is: by verdict of the reaper (`worker-lost`) or because the
 * worker was stopped and gave the job back (`released`). A voluntary release, or a loss after a
 * newer checkpoint, costs nothing of the loss budget. A cancel-requested job ends canceled.
 */
export function lose(
  job: Job,
  { seen, end }: { seen: SeenLease; end: EndDetail },
  nowMs: number,
): Change<'stale'> {
  if (!isSame(job, seen)) return { ok: false, why: 'stale' }
  const closed = closeAttempt(job, end, nowMs)
  if (job.cancel !== undefined) {
    const message = `canceled; ${end.message}`
    const canceled = { reason: 'canceled-by-user', message } as const
    return { ok: true, job: endJob(closed, { status: 'canceled', end: canceled }, nowMs) }
  }
  const isFree = end.reason === 'released' || job.checkpoint?.attempt === job.attempt
  const lossesUsed = job.lossesUsed + (isFree ? 0 : 1)
  if (lossesUsed > job.retry.maxLosses) {
    return { ok: true, job: endJob({ ...closed, lossesUsed }, { status: 'failed', end }, nowMs) }
  }
  return { ok: true, job: requeue({ ...closed, lossesUsed }, 0, nowMs) }
}

function isSame(job: Job, seen: SeenLease): boolean {
  const { lease } = job
  if (job.status !== 'running' || lease === undefined) return false
  const sameBeat = seen.beat === undefined || seen.beat === lease.beat
  return lease.workerId === seen.workerId && job.attempt === seen.attempt && sameBeat
}
