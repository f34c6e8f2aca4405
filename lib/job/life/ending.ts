/** The end of a job, and the ends that it gets while it waits. Ends are final. */
import {
  type Change,
  type EndDetail,
  type EndStatus,
  isEnded,
  type Job,
  toTimestamp,
} from '../job.ts'

const DAY_MS = 86_400_000
/** How long an ended job's row is kept; its files follow the bucket's lifecycle. */
export const KEEP_ENDED_DAYS = 30

/** The one place where a job gets its end. Callers have checked that it has none yet. */
export function endJob(
  job: Job,
  { status, end }: { status: EndStatus; end: EndDetail },
  nowMs: number,
): Job {
  const { lease: _lease, readyAt: _readyAt, ...rest } = job
  return {
    ...rest,
    status,
    end,
    endedAt: toTimestamp(nowMs),
    notifyAt: toTimestamp(nowMs),
    expiresAt: toTimestamp(nowMs + KEEP_ENDED_DAYS * DAY_MS),
  }
}

/**
 * queued ends at once; running becomes cancel-requested and ends only when the worker says that
 * nothing of it runs any more. A repeated request changes nothing.
 */
export function requestCancel(job: Job, by: string, nowMs: number): Change<'ended' | 'already'> {
  if (isEnded(job.status)) return { ok: false, why: 'ended' }
  if (job.cancel !== undefined && job.status === 'running') return { ok: false, why: 'already' }
  const requested = { ...job, cancel: { requestedAt: toTimestamp(nowMs), by } }
  if (job.status === 'running') return { ok: true, job: requested }
  const end = { reason: 'canceled-by-user', message: 'canceled while it was waiting' } as const
  return { ok: true, job: endJob(requested, { status: 'canceled', end }, nowMs) }
}

/** Ends a job that waited too long for its *first* attempt; later attempts never expire. */
export function expireInQueue(job: Job, nowMs: number): Change<'not-expired'> {
  if (!isExpiredInQueue(job, nowMs)) return { ok: false, why: 'not-expired' }
  const message = `waited longer than ${job.limits.queueSeconds} s for its first attempt`
  const end = { reason: 'expired-in-queue', message } as const
  return { ok: true, job: endJob(job, { status: 'failed', end }, nowMs) }
}

export function isExpiredInQueue(job: Job, nowMs: number): boolean {
  const { queueSeconds } = job.limits
  if (job.status !== 'queued' || job.attempt > 0 || queueSeconds === 0) return false
  return nowMs - Date.parse(job.acceptedAt) >= queueSeconds * 1000
}

/**
 * Ends a queued job whose type nobody takes any more. Whether that is so, and for how long, the
 * caller has made sure of; a job that was claimed meanwhile is left alone.
 */
export function endUnserved(job: Job, nowMs: number): Change<'not-queued'> {
  if (job.status !== 'queued') return { ok: false, why: 'not-queued' }
  const message = `the service takes no ${job.taskType} jobs any more, and no worker of an earlier version does`
  const end = { reason: 'not-served', message } as const
  return { ok: true, job: endJob(job, { status: 'failed', end }, nowMs) }
}
