import type { TaskType } from '../../job/job.ts'
import type { Blocker } from '../classify-workers.ts'
import { type StrategyInput, workersFor } from './workers-for.ts'

export interface TargetWaitRule {
  readonly targetWaitSeconds: number
  readonly occupiedAfterSeconds: number
  /** Measured mean run times; a type without one has not ended a job yet. */
  readonly runSeconds: Readonly<Partial<Record<TaskType, number>>>
}

/**
 * Enough workers that every waiting job starts within `targetWaitSeconds`: a slot starts a job at
 * once and another after each run time, so 1 + floor(target / run time) of them in time.
 *
 * With a target of 60 s:
 * - 4 training runs of an hour wait: one per slot, so 4 workers with one slot each.
 * - 100 queries of 2 s wait, 5 slots a worker: 5 × 31 = 155 per worker, so one worker.
 * - Nothing measured yet: a command job counts as long (a worker each), queries share by slots.
 * - A worker that took an hour's training 5 s ago is occupied at once: it cannot help in time.
 */
export function wantedByTargetWait(input: StrategyInput, rule: TargetWaitRule): number {
  const { targetWaitSeconds, occupiedAfterSeconds } = rule
  const outlasts = (blocker: Blocker) => remainingSeconds(blocker, rule) > targetWaitSeconds
  return workersFor(input, {
    perWorker: (type) => Math.max(input.service.slots[type], 1) * startsPerSlot(type, rule),
    isOccupied: (blockers) => blockers.every(outlasts),
    occupiedAfterSeconds,
  })
}

/** No measured time, or one too small to divide by, never makes one worker do for everything. */
const SHORTEST_RUN_SECONDS = 0.01

function startsPerSlot(type: TaskType, { targetWaitSeconds, runSeconds }: TargetWaitRule): number {
  const measured = runSeconds[type]
  if (measured === undefined) return 1
  return 1 + Math.floor(targetWaitSeconds / Math.max(measured, SHORTEST_RUN_SECONDS))
}

function remainingSeconds(blocker: Blocker, { runSeconds }: TargetWaitRule): number {
  const measured = runSeconds[blocker.taskType]
  if (measured === undefined) return blocker.taskType === 'command' ? Infinity : 0
  return Math.max(measured - blocker.ageSeconds, 0)
}
