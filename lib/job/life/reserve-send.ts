import { type Change, type Job, toTimestamp } from '../job.ts'

/** How soon a message that was not sent after all is due again. */
const HOLD_MS = 30_000

/**
 * Before a message that is due is sent: nobody else sends it meanwhile. Whoever dies, or cannot tell
 * whether the row was written or the message sent, costs the job this time; `confirmSend` then makes it
 * the real wait.
 */
export function reserveSend(job: Job, nowMs: number): Change<'not-queued' | 'not-due'> {
  if (job.status !== 'queued' || job.readyAt === undefined) return { ok: false, why: 'not-queued' }
  if (Date.parse(job.readyAt) > nowMs) return { ok: false, why: 'not-due' }
  return { ok: true, job: { ...job, readyAt: toTimestamp(nowMs + HOLD_MS) } }
}
