import type { Job } from '../core/job/job.ts'
import type { JobSignal } from '../core/messages.ts'
import type { Queues } from '../ports/queues.ts'

/** Tells the workers that the next attempt of a queued job may be ready. Repeats are harmless. */
export async function sendSignal(queues: Queues, job: Job): Promise<void> {
  const signal: JobSignal = { jobId: job.id, attempt: job.attempt + 1 }
  await queues.send(job.taskType, [{ body: JSON.stringify(signal) }])
}
