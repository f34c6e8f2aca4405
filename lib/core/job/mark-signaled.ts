import { type Change, type Job, toTimestamp } from './job.ts'
import { FIRST_RESEND_MS } from './move-signal.ts'

/**
 * After the first message of a new job was sent: the next one is due in 10 min. Until then
 * `signalAt` is near, so that a submit that died before its send costs the job half a minute.
 */
export function markSignaled(job: Job, nowMs: number): Change<'moved-on'> {
  const isNew = job.status === 'queued' && job.attempt === 0 && job.signalsSent === 0
  if (!isNew) return { ok: false, why: 'moved-on' }
  const signalAt = toTimestamp(nowMs + FIRST_RESEND_MS)
  return { ok: true, job: { ...job, signalAt, signalsSent: 1 } }
}
