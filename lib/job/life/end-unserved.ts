import { endJob } from './end-job.ts'
import type { Change, Job } from '../job.ts'

/**
 * Ends a queued job whose type nobody takes any more. Whether that is so, and for how long, the
 * caller has made sure of; a job that was claimed meanwhile is left alone.
 */
export function endUnserved(job: Job, nowMs: number): Change<'not-queued'> {
  if (job.status !== 'queued') return { ok: false, why: 'not-queued' }
  const message = `the service takes no ${job.taskType} jobs any more, and no worker of an earlier version does`
  const end = { reason: 'not-served', message } as const
  return { ok: true, job: endJob(job, { status: 'failed', end }, nowMs) }
}
