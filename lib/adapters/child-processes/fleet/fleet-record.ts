import type { Clock } from '../../../ports/clock.ts'
import type { Log } from '../../../ports/log.ts'
import type { Roster } from './roster.ts'
import { saveFleet, type Setpoints } from './saved-fleet.ts'

export interface RecordDeps {
  readonly stateFile: string
  /** As last recorded. */
  readonly setpoints: Setpoints
  readonly clock: Clock
  readonly log: Log
}

const RETRY_MS = 1_000

/** The numbers that the fleet is asked for, and the file of these and of the tasks that may run. */
export class FleetRecord {
  readonly #deps: RecordDeps
  readonly #roster: Roster
  #setpoints: Setpoints
  #retryAtMs: number | undefined

  constructor(deps: RecordDeps, roster: Roster) {
    this.#deps = deps
    this.#roster = roster
    this.#setpoints = deps.setpoints
  }

  get setpoints(): Setpoints {
    return this.#setpoints
  }

  /** When a save that failed is due again, on the monotonic clock. */
  get retryAtMs(): number | undefined {
    return this.#retryAtMs
  }

  /** @throws when they cannot be recorded; nothing changes then */
  change(setpoints: Setpoints): void {
    saveFleet(this.#deps.stateFile, setpoints, this.#roster.all)
    this.#setpoints = setpoints
  }

  /** Records the tasks. A failure is logged, answered with `false`, and tried again soon. */
  save(): boolean {
    const { stateFile, clock, log } = this.#deps
    try {
      saveFleet(stateFile, this.#setpoints, this.#roster.all)
      this.#retryAtMs = undefined
      return true
    } catch (error) {
      log.error('could not record the state of the fleet', { error: String(error) })
      this.#retryAtMs = clock.monotonicMs() + RETRY_MS
      return false
    }
  }

  saveIfDue(): void {
    if (this.#retryAtMs === undefined || this.#retryAtMs > this.#deps.clock.monotonicMs()) return
    this.save()
  }
}
