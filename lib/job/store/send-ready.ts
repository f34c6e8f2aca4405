import type { Job } from '../job.ts'
import type { ReadyMessage } from '../messages.ts'
import type { Queues } from '../../ports/queues.ts'

/** Tells the workers that the next attempt of a queued job may be ready. Repeats are harmless. */
export async function sendReady(queues: Queues, job: Job): Promise<void> {
  const signal: ReadyMessage = { jobId: job.id, attempt: job.attempt + 1 }
  await queues.send(job.taskType, [{ body: JSON.stringify(signal) }])
}
