import { type Change, isEnded, type Job, toTimestamp } from '../job.ts'

const FIRST_REPEAT_MS = 30_000
const MAX_REPEAT_MS = 5 * 60_000

/**
 * Before sending: the next try, should the send be lost, is due in 30 s × 2^k, up to 5 min. So long
 * may somebody wait for an end after the queue's return; and so often at most is an end sent again
 * whose being told cannot be written.
 */
export function moveNotification(job: Job, nowMs: number): Change<'not-due'> {
  if (!isEnded(job.status) || job.notifyAt === undefined) return { ok: false, why: 'not-due' }
  if (Date.parse(job.notifyAt) > nowMs) return { ok: false, why: 'not-due' }
  const waitMs = Math.min(FIRST_REPEAT_MS * 2 ** job.notificationsSent, MAX_REPEAT_MS)
  return {
    ok: true,
    job: {
      ...job,
      notifyAt: toTimestamp(nowMs + waitMs),
      notificationsSent: job.notificationsSent + 1,
    },
  }
}

/** After the output queue took it: no further notification is due. */
export function markNotified(job: Job): Change<'not-due'> {
  if (!isEnded(job.status) || job.notifyAt === undefined) return { ok: false, why: 'not-due' }
  const { notifyAt: _notifyAt, ...rest } = job
  return { ok: true, job: rest }
}
