import { TASK_TYPES, type TaskType } from '../../job/job.ts'
import { type Blocker, hasRunFor, type Worker } from '../classify-workers.ts'
import type { StrategyInput } from './strategy.ts'

export interface Rule {
  /** Waiting jobs of a type that one worker may have in front of it. */
  readonly perWorker: (taskType: TaskType) => number
  /** Whether these jobs occupy a worker although they have not run for long. */
  readonly isOccupied: (blockers: readonly Blocker[], taskType: TaskType) => boolean
}

/** Sums of thirds and fifths are not exact; rounding alone must not start a worker. */
const ROUNDING = 1e-9

/**
 * wanted = occupied + ceil(waiting / perWorker), as a *total*: workers that idle, start or soon
 * have room again are within it, so capacity that is on its way is never asked for twice.
 *
 * A worker may be occupied for one type and free for the other (queries beside a long command), so
 * the sum is taken over all types together and for each waiting type alone; the largest counts.
 */
export function workersFor(input: StrategyInput, rule: Rule): number {
  const { waiting, workers, service } = input
  const served = TASK_TYPES.filter((type) => service.slots[type] > 0)
  const anyWaits = TASK_TYPES.some((type) => waiting[type] > 0)
  const countOccupied = (types: readonly TaskType[]) =>
    workers.filter((worker) =>
      worker.takesNothing
        ? worker.isWorking || (anyWaits && worker.kind === 'silent')
        : types.every((type) => isOccupied(worker, type, { input, rule })),
    ).length
  const need = (type: TaskType) => waiting[type] / rule.perWorker(type)
  const total = TASK_TYPES.reduce((sum, type) => sum + need(type), 0)
  const sums = served
    .filter((type) => waiting[type] > 0)
    .map((type) => countOccupied([type]) + Math.ceil(need(type) - ROUNDING))
  return Math.max(countOccupied(served) + Math.ceil(total - ROUNDING), ...sums)
}

/**
 * Beyond the rule: short queries that follow one another can keep a command out for ever. So jobs of
 * another type occupy a worker once a job has waited `occupiedAfterSeconds` behind them.
 */
function isOccupied(
  worker: Worker,
  type: TaskType,
  { input, rule }: { input: StrategyInput; rule: Rule },
): boolean {
  const blockers = worker.blockers[type]
  if (blockers === undefined || blockers.length === 0) return false
  const { occupiedAfterSeconds } = input
  const isKeptOut = blockers.every((blocker) => blocker.taskType !== type)
  const hasWaited = input.waitedSeconds[type] >= occupiedAfterSeconds
  if (isKeptOut && hasWaited && input.waiting[type] > 0) return true
  return hasRunFor(blockers, occupiedAfterSeconds) || rule.isOccupied(blockers, type)
}
