import { TASK_TYPES, type TaskType } from '../../job/job.ts'
import type { Worker } from '../classify-workers.ts'
import type { PerTaskType, ServiceFacts } from '../observation.ts'

export interface StrategyInput {
  readonly waiting: PerTaskType<number>
  readonly workers: readonly Worker[]
  readonly service: ServiceFacts
}

export interface Rule {
  /** Waiting jobs of a type that one worker may have in front of it. */
  readonly perWorker: (taskType: TaskType) => number
  /** Whether this worker is no help to a waiting job of this type. */
  readonly isOccupied: (worker: Worker, taskType: TaskType) => boolean
}

/** Sums of thirds and fifths are not exact; a worker is not started for the rounding. */
const ROUNDING = 1e-9

/**
 * wanted = occupied + ceil(waiting / perWorker), as a *total*: workers that idle, start or soon
 * have room again are within it, so capacity that is on its way is never asked for twice.
 *
 * A worker may be occupied for one type and free for the other (queries beside a long command), so
 * the sum is taken over all types together and for each waiting type alone; the largest counts.
 */
export function workersFor(input: StrategyInput, { perWorker, isOccupied }: Rule): number {
  const { waiting, workers, service } = input
  const served = TASK_TYPES.filter((type) => service.slots[type] > 0)
  const anyWaits = TASK_TYPES.some((type) => waiting[type] > 0)
  const countOccupied = (types: readonly TaskType[]) =>
    workers.filter((worker) =>
      worker.takesNothing
        ? worker.isWorking || (anyWaits && worker.kind === 'silent')
        : types.every((type) => isOccupied(worker, type)),
    ).length
  const need = (type: TaskType) => waiting[type] / perWorker(type)
  const total = TASK_TYPES.reduce((sum, type) => sum + need(type), 0)
  const sums = served
    .filter((type) => waiting[type] > 0)
    .map((type) => countOccupied([type]) + Math.ceil(need(type) - ROUNDING))
  return Math.max(countOccupied(served) + Math.ceil(total - ROUNDING), ...sums)
}
