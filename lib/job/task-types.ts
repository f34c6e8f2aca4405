import type { TaskType } from './job.ts'

/** What all parts of a service know of a task type. */
interface TaskTypeFacts {
  /** Its work is done by the model server of a worker, and waits for that server. */
  readonly needsModel: boolean
}

export const TASK_TYPE_FACTS: Readonly<Record<TaskType, TaskTypeFacts>> = {
  command: { needsModel: false },
  query: { needsModel: true },
}
