import type { TaskType } from '../../lib/job/job.ts'
import { TASK_TYPE_FACTS } from '../../lib/job/task-types.ts'
import type { Model } from '../query/model.ts'

/**
 * Which jobs can run here now: none before the init command is done, and those that need the model
 * server only while its port is open.
 */
export class Readiness {
  readonly #onChange: () => void
  #isInitialized = false
  #note: string | undefined
  /** Absent where the service has no port. */
  model: Model | undefined

  constructor(onChange: () => void) {
    this.#onChange = onChange
  }

  setInitialized(): void {
    this.#isInitialized = true
    this.setNote(undefined)
  }

  setNote(note: string | undefined): void {
    this.#note = note
    this.#onChange()
  }

  isReadyFor(taskType: TaskType): boolean {
    if (!this.#isInitialized) return false
    return !TASK_TYPE_FACTS[taskType].needsModel || this.model?.isReady === true
  }

  /** Everything that the worker serves can run. */
  get isComplete(): boolean {
    return this.#isInitialized && this.model?.isReady !== false
  }

  /** Why it is not complete. */
  get note(): string | undefined {
    if (this.#note !== undefined || this.isComplete) return this.#note
    return this.model?.note
  }
}
