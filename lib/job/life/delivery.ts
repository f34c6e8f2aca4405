/**
 * When the messages of a job are due: `readyAt` of a queued job's ready message, `notifyAt` of an
 * ended job's end message. Each send has two steps around it: `reserve…` moves the time a little, so
 * that nobody else sends meanwhile, and `confirm…` makes it final once the queue took the message.
 */
import { type Change, isEnded, type Job, toTimestamp } from '../job.ts'

/** How soon a message is due again whose send failed, or was cut off. */
export const RESERVED_MS = 30_000
const FIRST_RESEND_MS = 10 * 60_000
const MAX_RESEND_MS = 12 * 3_600_000
const FIRST_REPEAT_MS = 30_000
const MAX_REPEAT_MS = 5 * 60_000

/**
 * Before a ready message that is due is sent. A sender that dies, or cannot tell whether the row was
 * written or the message sent, costs the job this time; `confirmReady` then sets the real wait. A
 * new job is created reserved.
 */
export function reserveReady(job: Job, nowMs: number): Change<'not-queued' | 'not-due'> {
  const refusal = refuseReady(job, nowMs)
  return refusal ?? { ok: true, job: { ...job, readyAt: toTimestamp(nowMs + RESERVED_MS) } }
}

/**
 * After the ready message was sent: the next one is due after the wait of a message that may have
 * been lost.
 *
 * @param reserved the job as it was when its message was reserved
 */
export function confirmReady(job: Job, reserved: Job, nowMs: number): Change<'moved-on'> {
  const isSame = job.status === 'queued' && job.readyAt === reserved.readyAt
  return isSame ? { ok: true, job: postpone(job, nowMs) } : { ok: false, why: 'moved-on' }
}

/**
 * Of a job whose message still stands in its queue: looked at again after the wait of a message that
 * may have been lost.
 */
export function postponeReady(job: Job, nowMs: number): Change<'not-queued' | 'not-due'> {
  return refuseReady(job, nowMs) ?? { ok: true, job: postpone(job, nowMs) }
}

function refuseReady(job: Job, nowMs: number) {
  if (job.status !== 'queued' || job.readyAt === undefined) {
    return { ok: false, why: 'not-queued' } as const
  }
  return Date.parse(job.readyAt) > nowMs ? ({ ok: false, why: 'not-due' } as const) : undefined
}

/**
 * The message is due again in 10 min × 2^k, up to 12 h. One that was lost on the way is sent again
 * then; one that is sent twice is harmless, because the claim decides.
 */
function postpone(job: Job, nowMs: number): Job {
  const waitMs = Math.min(FIRST_RESEND_MS * 2 ** job.readySent, MAX_RESEND_MS)
  return { ...job, readyAt: toTimestamp(nowMs + waitMs), readySent: job.readySent + 1 }
}

/**
 * Before an end message is sent: the next try, should the send be lost, is due in 30 s × 2^k. The
 * cap of 5 min bounds how late an end is delivered after the output queue recovers, and how often
 * one is resent while the row cannot be marked as notified.
 */
export function reserveEnd(job: Job, nowMs: number): Change<'not-due'> {
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

/** After the output queue took the end message: no further one is due. */
export function confirmEnd(job: Job): Change<'not-due'> {
  if (!isEnded(job.status) || job.notifyAt === undefined) return { ok: false, why: 'not-due' }
  const { notifyAt: _notifyAt, ...rest } = job
  return { ok: true, job: rest }
}
