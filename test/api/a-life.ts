import { type AttemptOutcome, finish } from '../../lib/job/life/attempt-end.ts'
import { claim } from '../../lib/job/life/attempt.ts'
import type { Job } from '../../lib/job/job.ts'
import { attemptPrefix } from '../../lib/job/keys.ts'
import { aJob, NOON_MS } from '../support/a-job.ts'

/** A job that a worker has claimed at noon. */
export function aRunning(overrides: Partial<Job> = {}): Job {
  const job = aJob(overrides)
  const attempt = job.attempt + 1
  const by = { workerId: 'w1', taskId: 't1', leaseSeconds: 60, attempt }
  const change = claim(job, by, NOON_MS)
  if (!change.ok) throw new Error(change.why)
  return change.job
}

/** A job whose worker has finished it five seconds after noon. */
export function anEnded(overrides: Partial<Job> = {}, outcome: Partial<AttemptOutcome> = {}): Job {
  const job = aRunning(overrides)
  const holder = { workerId: 'w1', attempt: job.attempt }
  const whole: AttemptOutcome = {
    status: 'succeeded',
    end: { reason: 'completed', message: 'exited with 0', exitCode: 0 },
    prefix: attemptPrefix(job.id, job.attempt),
    retryable: false,
    ...outcome,
  }
  const change = finish(job, { holder, outcome: whole }, NOON_MS + 5000)
  if (!change.ok) throw new Error(change.why)
  return change.job
}
