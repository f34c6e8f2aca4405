import type { Log } from '../../ports/log.ts'

export interface StepFailure {
  readonly step: string
  readonly message: string
}

/** Runs the steps of a look: one that fails is logged and counted, and ends nothing but itself. */
export class Steps {
  readonly #log: Log
  readonly #failures: StepFailure[] = []

  constructor(log: Log) {
    this.#log = log
  }

  get failures(): readonly StepFailure[] {
    return this.#failures
  }

  /** Whether the step went through. */
  async run(step: string, action: () => Promise<unknown>): Promise<boolean> {
    try {
      await action()
      return true
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error)
      this.#failures.push({ step, message })
      this.#log.error('a step of the look failed', { step, error: message })
      return false
    }
  }
}
