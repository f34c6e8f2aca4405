import type { Change, Job } from './job.ts'
import { postpone } from './move-signal.ts'

/**
 * After `holdSignal`, once the message was sent: the next one is due after the wait of a message that
 * may have been lost.
 *
 * @param held the job as `holdSignal` left it
 */
export function markSent(job: Job, held: Job, nowMs: number): Change<'moved-on'> {
  const isSame = job.status === 'queued' && job.signalAt === held.signalAt
  return isSame ? { ok: true, job: postpone(job, nowMs) } : { ok: false, why: 'moved-on' }
}
