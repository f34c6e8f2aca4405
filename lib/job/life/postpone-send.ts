import { type Change, type Job, toTimestamp } from '../job.ts'

export const FIRST_RESEND_MS = 10 * 60_000
const MAX_RESEND_MS = 12 * 3_600_000

/**
 * Of a job whose message still stands in its queue: looked at again after the wait of a message that
 * may have been lost.
 */
export function postponeSend(job: Job, nowMs: number): Change<'not-queued' | 'not-due'> {
  if (job.status !== 'queued' || job.readyAt === undefined) return { ok: false, why: 'not-queued' }
  if (Date.parse(job.readyAt) > nowMs) return { ok: false, why: 'not-due' }
  return { ok: true, job: postpone(job, nowMs) }
}

/**
 * The message is due again in 10 min × 2^k, up to 12 h. One that was lost on the way is sent again
 * then; one that is sent twice is harmless, because the claim decides.
 */
export function postpone(job: Job, nowMs: number): Job {
  const waitMs = Math.min(FIRST_RESEND_MS * 2 ** job.readySent, MAX_RESEND_MS)
  return { ...job, readyAt: toTimestamp(nowMs + waitMs), readySent: job.readySent + 1 }
}
