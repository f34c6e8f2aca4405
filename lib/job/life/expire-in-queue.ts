import { endJob } from './end-job.ts'
import type { Change, Job } from '../job.ts'

/** Ends a job that waited too long for its *first* attempt; later attempts never expire. */
export function expireInQueue(job: Job, nowMs: number): Change<'not-expired'> {
  if (!isExpiredInQueue(job, nowMs)) return { ok: false, why: 'not-expired' }
  const message = `waited longer than ${job.limits.queueSeconds} s for its first attempt`
  const end = { reason: 'expired-in-queue', message } as const
  return { ok: true, job: endJob(job, { status: 'failed', end }, nowMs) }
}

export function isExpiredInQueue(job: Job, nowMs: number): boolean {
  const { queueSeconds } = job.limits
  if (job.status !== 'queued' || job.attempt > 0 || queueSeconds === 0) return false
  return nowMs - Date.parse(job.acceptedAt) >= queueSeconds * 1000
}
