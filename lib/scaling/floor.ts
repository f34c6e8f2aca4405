import type { Worker } from './classify-workers.ts'
import type { Side } from './sides.ts'

/**
 * Workers of a side that are busy or protected and still listed by the fleet. A desired count below
 * it would make ECS refuse protection to the next worker that asks (`DEPLOYMENT_BLOCKED`: "more
 * protected tasks than the desired count").
 */
export function floorOf(workers: readonly Worker[], side?: Side): number {
  const asked = workers.filter((worker) => side === undefined || worker.side === side)
  return asked.filter((worker) => worker.isWorking).length
}
