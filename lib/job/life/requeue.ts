import { type Job, toTimestamp } from '../job.ts'

/** Back to waiting; the reaper sends the message of the next attempt when it is due. */
export function requeue(job: Job, delayMs: number, nowMs: number): Job {
  return {
    ...job,
    status: 'queued',
    queuedAt: toTimestamp(nowMs),
    readyAt: toTimestamp(nowMs + delayMs),
    readySent: 0,
  }
}
