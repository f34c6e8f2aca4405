import { type Change, type Job, toTimestamp } from '../job.ts'
import { FIRST_RESEND_MS } from './postpone-send.ts'

/**
 * After the first message of a new job was sent: the next one is due in 10 min. Until then
 * `readyAt` is near, so that a submit that died before its send costs the job half a minute.
 */
export function confirmFirstSend(job: Job, nowMs: number): Change<'moved-on'> {
  const isNew = job.status === 'queued' && job.attempt === 0 && job.readySent === 0
  if (!isNew) return { ok: false, why: 'moved-on' }
  const readyAt = toTimestamp(nowMs + FIRST_RESEND_MS)
  return { ok: true, job: { ...job, readyAt, readySent: 1 } }
}
