import { mayBeProtected, type Roster, type Worker } from './classify-workers.ts'
import type { StopOrder } from './decision.ts'
import type { Observation } from './observation.ts'
import type { WorkerState } from './worker-row.ts'

export interface RosterAndHung {
  /** Without the hung ones: they count neither against the maximum nor for the floor. */
  readonly roster: Roster
  readonly hung: readonly Worker[]
}

/**
 * Sets aside the workers that will never do anything again and that nothing protects: silent for six
 * looks, no protection left, no lease. The fleet still sees their tasks run, so unless somebody
 * stops them they hold places that others need.
 */
export function setHungAside(
  { workers, unreported }: Roster,
  { withoutLease = [] }: Observation,
  nowMs: number,
): RosterAndHung {
  const isHung = ({ kind, facts }: Worker): boolean => {
    if (kind !== 'silent' || mayBeProtected(facts, nowMs)) return false
    return saysFree(facts) || withoutLease.includes(facts.workerId)
  }
  return {
    roster: { workers: workers.filter((worker) => !isHung(worker)), unreported },
    hung: workers.filter(isHung),
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
