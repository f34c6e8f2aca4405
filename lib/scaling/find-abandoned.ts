import type { WorkerState } from './worker-row.ts'
import { mayBeProtected, type Roster, type Worker } from './classify-workers.ts'
import type { StopOrder } from './decision.ts'
import type { Observation } from './observation.ts'

export interface Split {
  /** Without the abandoned: they count for nothing, neither against the maximum nor for the floor. */
  readonly roster: Roster
  readonly abandoned: readonly Worker[]
}

/**
 * Sets aside the workers that will never do anything again and that nothing keeps: silent for six
 * looks, no protection left, no lease. The fleet still sees their tasks run, so unless somebody
 * stops them they hold places that others need.
 */
export function splitAbandoned(
  { workers, unreported }: Roster,
  { withoutLease = [] }: Observation,
  nowMs: number,
): Split {
  const isAbandoned = ({ kind, facts }: Worker): boolean => {
    if (kind !== 'silent' || mayBeProtected(facts, nowMs)) return false
    return saysFree(facts) || withoutLease.includes(facts.workerId)
  }
  return {
    roster: { workers: workers.filter((worker) => !isAbandoned(worker)), unreported },
    abandoned: workers.filter(isAbandoned),
  }
}

/** A worker says `busy` before it takes a job, so one that says this holds no lease. */
export function saysFree({
  state,
  jobs,
}: {
  readonly state: WorkerState
  readonly jobs: readonly unknown[]
}): boolean {
  return (state === 'idle' || state === 'starting') && jobs.length === 0
}

export function toStopOrder({ facts, side }: Worker): StopOrder {
  const { workerId, taskId, beat } = facts
  return { workerId, taskId, side, beat }
}
