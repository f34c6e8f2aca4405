import type { TaskType } from '../../lib/job/job.ts'
import type { Slots as SlotCounts } from '../../lib/service/service.ts'
import type { SlotUse } from '../../lib/scaling/worker-row.ts'

/**
 * Room for jobs in this worker. A slot is taken from the receive of a message until the job's end,
 * so the worker counts as busy before it asks for protection.
 *
 * A running command excludes queries, and running queries exclude a command, unless the service
 * says otherwise (`queriesBesideCommand`).
 */
export class Slots {
  readonly #counts: SlotCounts
  readonly #taken: Record<TaskType, number> = { command: 0, query: 0 }
  readonly #listeners = new Set<() => void>()

  constructor(counts: SlotCounts) {
    this.#counts = counts
  }

  /** Slots of this type that could be taken now. */
  free(taskType: TaskType): number {
    const other: TaskType = taskType === 'command' ? 'query' : 'command'
    if (!this.#counts.queriesBesideCommand && this.#taken[other] > 0) return 0
    return this.#counts[taskType] - this.#taken[taskType]
  }

  tryTake(taskType: TaskType): boolean {
    if (this.free(taskType) <= 0) return false
    this.#taken[taskType] += 1
    this.#announce()
    return true
  }

  giveBack(taskType: TaskType): void {
    this.#taken[taskType] -= 1
    this.#announce()
  }

  get taken(): number {
    return this.#taken.command + this.#taken.query
  }

  use(): Record<TaskType, SlotUse> {
    return {
      command: { total: this.#counts.command, taken: this.#taken.command },
      query: { total: this.#counts.query, taken: this.#taken.query },
    }
  }

  /** Calls `listener` after each change, until the returned function is called. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  #announce(): void {
    for (const listener of this.#listeners) listener()
  }
}
