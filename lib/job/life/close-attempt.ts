import { type AttemptRecord, type EndDetail, type Job, toTimestamp } from '../job.ts'

const ATTEMPTS_KEPT = 20

/** Moves the present attempt to the list of ended ones and takes the lease away. */
export function closeAttempt(job: Job, end: EndDetail, nowMs: number): Job {
  const at = toTimestamp(nowMs)
  const lostLogBytes = job.logs?.lostBytes
  const record: AttemptRecord = {
    ...end,
    attempt: job.attempt,
    workerId: job.lease?.workerId ?? 'unknown',
    startedAt: job.startedAt ?? at,
    endedAt: at,
    ...(job.resumedFrom && { resumedFrom: job.resumedFrom }),
    ...(lostLogBytes !== undefined && { lostLogBytes }),
  }
  const { lease: _lease, resumedFrom: _resumedFrom, ...rest } = job
  return { ...rest, attempts: [...job.attempts, record].slice(-ATTEMPTS_KEPT) }
}
