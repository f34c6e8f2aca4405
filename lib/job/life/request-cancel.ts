import { endJob } from './end-job.ts'
import { type Change, isEnded, type Job, toTimestamp } from '../job.ts'

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
