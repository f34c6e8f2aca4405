import { type Change, type Job, toTimestamp } from './job.ts'

export const FIRST_RESEND_MS = 10 * 60_000
const MAX_RESEND_MS = 12 * 3_600_000

/**
 * The sweep moves `signalAt` *before* it sends: 10 min × 2^k, up to 12 h. A message lost on the way
 * is sent again then; a message sent twice is harmless, because the claim decides.
 */
export function moveSignal(job: Job, nowMs: number): Change<'not-queued' | 'not-due'> {
  if (job.status !== 'queued' || job.signalAt === undefined) return { ok: false, why: 'not-queued' }
  if (Date.parse(job.signalAt) > nowMs) return { ok: false, why: 'not-due' }
  const waitMs = Math.min(FIRST_RESEND_MS * 2 ** job.signalsSent, MAX_RESEND_MS)
  const signalAt = toTimestamp(nowMs + waitMs)
  return { ok: true, job: { ...job, signalAt, signalsSent: job.signalsSent + 1 } }
}
