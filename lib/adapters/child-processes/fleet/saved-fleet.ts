/**
 * What the fleet must still know after it was killed at any moment: how many workers it was asked
 * for, in which version, and which of its processes may still run.
 */
import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { type Side, SIDES } from '../../../ports/fleet.ts'
import { replaceFile } from '../../node/replace-file.ts'
import type { WorkerTask } from '../task/worker-task.ts'

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
export type SavedFleet = z.output<typeof SAVED_FLEET>

/** What the fleet was asked for. */
export interface Setpoints {
  readonly latestVersion?: string | undefined
  readonly sides: Readonly<Record<Side, SavedSide>>
}

interface SavedSide {
  readonly version?: string | undefined
  readonly desired: number
}

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
export function saveFleet(file: string, setpoints: Setpoints, tasks: readonly WorkerTask[]): void {
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
