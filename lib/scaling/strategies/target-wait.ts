import { TASK_TYPE_FACTS } from '../../job/task-types.ts'
import { z } from 'zod'
import type { Blocker } from '../classify-workers.ts'
import type { Strategy, StrategyInput } from './strategy.ts'
import { workersFor } from './workers-for.ts'

/**
 * Enough workers that every waiting job starts within the target: a slot starts a job at
 * once and another after each run time, so 1 + floor(target / run time) of them in time.
 *
 * With a target of 60 s:
 * - 4 training runs of an hour wait: one per slot, so 4 workers with one slot each.
 * - 100 queries of 2 s wait, 5 slots a worker: 5 × 31 = 155 per worker, so one worker.
 * - Nothing measured yet: a command job counts as long (a worker each), queries share by slots.
 * - A worker that took an hour's training 5 s ago is occupied at once: it cannot help in time.
 */
export const targetWait = {
  key: 'target_wait_seconds',
  schema: z
    .number()
    .min(1)
    .max(86_400)
    .describe('Enough workers that every waiting job starts within this time.'),
  reason: {
    code: 'target-wait',
    sentence: 'Some waiting job would not start within the target wait.',
  },
  needsRunSeconds: true,
  wanted: wantedForTarget,
} as const satisfies Strategy

type RunSeconds = StrategyInput['runSeconds']

function wantedForTarget(input: StrategyInput, targetSeconds: number): number {
  const { service, runSeconds } = input
  const outlasts = (blocker: Blocker) => remainingSeconds(blocker, runSeconds) > targetSeconds
  return workersFor(input, {
    perWorker: (type) =>
      Math.max(service.slots[type], 1) * startsPerSlot(runSeconds[type], targetSeconds),
    isOccupied: (blockers) => blockers.every(outlasts),
  })
}

/** A run time too small to divide by never makes one worker do for everything. */
const SHORTEST_RUN_SECONDS = 0.01

function startsPerSlot(measured: number | undefined, targetSeconds: number): number {
  if (measured === undefined) return 1
  return 1 + Math.floor(targetSeconds / Math.max(measured, SHORTEST_RUN_SECONDS))
}

function remainingSeconds(blocker: Blocker, runSeconds: RunSeconds): number {
  const measured = runSeconds[blocker.taskType]
  if (measured === undefined) return TASK_TYPE_FACTS[blocker.taskType].unmeasuredSeconds
  return Math.max(measured - blocker.ageSeconds, 0)
}
