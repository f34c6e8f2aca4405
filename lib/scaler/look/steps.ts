import type { Clock } from '../../ports/clock.ts'
import type { Log } from '../../ports/log.ts'

export interface StepFailure {
  readonly step: string
  readonly message: string
}

/**
 * Runs the steps of a look. One that fails is logged and counted, and ends nothing but itself. The
 * time bounds when a step may begin; each call of a step has a bound of its own.
 */
export class Steps {
  readonly #ports: { readonly clock: Clock; readonly log: Log }
  readonly #endMonotonicMs: number
  readonly #failures: StepFailure[]

  constructor(
    ports: { readonly clock: Clock; readonly log: Log },
    ms: number,
    failures: StepFailure[] = [],
  ) {
    this.#ports = ports
    this.#endMonotonicMs = ports.clock.monotonicMs() + ms
    this.#failures = failures
  }

  get failures(): readonly StepFailure[] {
    return this.#failures
  }

  /** Whether no further step may begin. */
  isTimeUp(): boolean {
    return this.#leftMs() <= 0
  }

  /** The same list of failures with half of the time that is left, so that later steps have theirs. */
  withHalfTime(): Steps {
    return new Steps(this.#ports, Math.max(this.#leftMs(), 0) / 2, this.#failures)
  }

  /** Whether the step succeeded. */
  async run(step: string, action: () => Promise<unknown>): Promise<boolean> {
    try {
      await action()
      return true
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error)
      this.#failures.push({ step, message })
      this.#ports.log.error('a step of the look failed', { step, error: message })
      return false
    }
  }

  #leftMs(): number {
    return this.#endMonotonicMs - this.#ports.clock.monotonicMs()
  }
}
