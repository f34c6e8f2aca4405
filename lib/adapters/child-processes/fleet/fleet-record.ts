import type { Clock } from '../../../ports/clock.ts'
import type { Log } from '../../../ports/log.ts'
import type { Roster } from './roster.ts'
import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { SIDES } from '../../../ports/fleet.ts'
import { replaceFile } from '../../node/replace-file.ts'
import type { WorkerTask } from '../task/worker-task.ts'

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

/**
 * What the fleet must still know after it was killed at any moment: how many workers it was asked
 * for, in which version, and which of its processes may still run.
 */
const SIDE = z.object({ version: z.string().optional(), desired: z.int().min(0) })

const SAVED_TASK = z.object({
  taskId: z.string(),
  side: z.enum(SIDES),
  version: z.string(),
  createdAtMs: z.number(),
  gpu: z.string().optional(),
  startedAtMs: z.number().optional(),
  process: z.object({ pid: z.int().min(2), start: z.string() }).optional(),
})

const SAVED_FLEET = z.object({
  format: z.literal(1),
  latestVersion: z.string().optional(),
  sides: z.object({ a: SIDE, b: SIDE }),
  tasks: z.array(SAVED_TASK),
})

export type SavedTask = z.output<typeof SAVED_TASK>
type SavedFleet = z.output<typeof SAVED_FLEET>

/** What the fleet was asked for. */
export type Setpoints = Readonly<Pick<SavedFleet, 'latestVersion' | 'sides'>>

const NEW_FLEET: SavedFleet = {
  format: 1,
  sides: { a: { desired: 0 }, b: { desired: 0 } },
  tasks: [],
}

/** @throws Error when the file is there but is not one of ours, naming it and what to do */
export function loadFleet(file: string): SavedFleet {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return NEW_FLEET
    throw error
  }
  try {
    return SAVED_FLEET.parse(JSON.parse(text))
  } catch (error) {
    const fix = 'make sure that no worker of it runs, then remove the file'
    throw new Error(`${file} cannot be read as the state of a fleet: ${fix}`, { cause: error })
  }
}

/** Replaces the file as a whole and durably. Synchronous: a task starts only after its record. */
function saveFleet(file: string, setpoints: Setpoints, tasks: readonly WorkerTask[]): void {
  const saved: SavedFleet = {
    format: 1,
    ...setpoints,
    tasks: tasks.filter(({ state }) => state !== 'stopped').map(toSavedTask),
  }
  replaceFile(file, `${JSON.stringify(saved, undefined, 2)}\n`)
}

function toSavedTask(task: WorkerTask): SavedTask {
  const { taskId, side, version, createdAtMs, gpu, startedAtMs, identity } = task
  return { taskId, side, version, createdAtMs, gpu, startedAtMs, process: identity }
}
