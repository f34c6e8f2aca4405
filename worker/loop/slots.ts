import { TASK_TYPES, type TaskType } from '../../lib/job/job.ts'
import { perTaskType } from '../../lib/job/task-types.ts'
import type { Slots as SlotCounts } from '../../lib/service/service.ts'
import type { SlotUse } from '../../lib/scaling/worker-row.ts'

/**
 * Room for jobs in this worker. A slot is taken from the receive of a message until the job's end,
 * so the worker counts as busy before it asks for protection.
 *
 * While a job of one type runs, no job of another type may, unless the service says otherwise
 * (`queriesBesideCommand`).
 */
export class Slots {
  readonly #counts: SlotCounts
  readonly #onChange: () => void
  readonly #taken: Record<TaskType, number> = perTaskType(() => 0)

  constructor(counts: SlotCounts, onChange: () => void) {
    this.#counts = counts
    this.#onChange = onChange
  }

  /** Slots of this type that could be taken now. */
  free(taskType: TaskType): number {
    const takenByOthers = this.taken - this.#taken[taskType]
    if (!this.#counts.queriesBesideCommand && takenByOthers > 0) return 0
    return this.#counts[taskType] - this.#taken[taskType]
  }

  tryTake(taskType: TaskType): boolean {
    if (this.free(taskType) <= 0) return false
    this.#taken[taskType] += 1
    this.#onChange()
    return true
  }

  giveBack(taskType: TaskType): void {
    this.#taken[taskType] -= 1
    this.#onChange()
  }

  get taken(): number {
    return TASK_TYPES.reduce((sum, taskType) => sum + this.#taken[taskType], 0)
  }

  use(): Record<TaskType, SlotUse> {
    return perTaskType((taskType) => {
      return { total: this.#counts[taskType], taken: this.#taken[taskType] }
    })
  }
}
