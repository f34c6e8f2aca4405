import type { Change, Job } from '../job.ts'
import { postpone } from './postpone-send.ts'

/**
 * After `reserveSend`, once the message was sent: the next one is due after the wait of a message that
 * may have been lost.
 *
 * @param held the job as `reserveSend` left it
 */
export function confirmSend(job: Job, held: Job, nowMs: number): Change<'moved-on'> {
  const isSame = job.status === 'queued' && job.readyAt === held.readyAt
  return isSame ? { ok: true, job: postpone(job, nowMs) } : { ok: false, why: 'moved-on' }
}
