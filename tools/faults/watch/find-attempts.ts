import type { TaskType } from '../../../lib/job/job.ts'
import type { Stage } from '../stage.ts'

/** One attempt that a worker runs. */
export interface RunningAttempt {
  readonly jobId: string
  readonly attempt: number
  readonly taskType: TaskType
}

/** What each worker runs by its own account; nothing where the service does not answer. */
export async function findAttempts(arena: Stage): Promise<Map<string, RunningAttempt[]>> {
  const { workers = [] } = await arena.service.client.service().catch(() => ({ workers: [] }))
  return new Map(workers.map(({ workerId, jobs = [] }) => [workerId, jobs.map(toAttempt)]))
}

function toAttempt({ jobId, attempt, taskType }: RunningAttempt): RunningAttempt {
  return { jobId, attempt, taskType }
}
