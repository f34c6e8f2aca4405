import type { TaskType } from '../job/job.ts'
import type { DrainOrder } from './worker-row.ts'
import type { WorkerKind } from './classify-workers.ts'
import type { ScalerMemory } from './memory.ts'
import type { Observation } from './observation.ts'
import type { ScalingPolicy } from './scaling-policy.ts'
import type { ScalingReason } from './scaling-reasons.ts'
import type { Side } from './sides.ts'
import type { PerStrategy } from './strategies/strategies.ts'

/** A change of the drain order in one worker's row. */
export type DrainChange =
  | { readonly workerId: string; readonly kind: 'give' | 'renew'; readonly order: DrainOrder }
  | { readonly workerId: string; readonly kind: 'withdraw' }

/** A silent worker whose task is stopped, so that another one can take its place. */
export interface StopOrder {
  readonly workerId: string
  readonly taskId: string
  readonly side: Side
  /** The beat number that has not changed; a later one takes the order back. */
  readonly beat: number
}

/** Which worker version is on which side. */
export interface VersionsNote {
  /** The side that gets new work. */
  readonly live?: Side
  /** The version that the other side still finishes. */
  readonly draining?: string
  /** A third version, and a job of the oldest one that it waits for. */
  readonly waiting?: { readonly version: string; readonly heldByJobId?: string }
}

/** The sum that led to the answer, for logs and people. */
export interface DecisionInputs {
  /**
   * Jobs of every type, also of one that the service does not take. Absent: neither rows nor queue
   * depth could be observed.
   */
  readonly waiting?: Readonly<Record<TaskType, number>>
  readonly oldestWaitingSeconds?: number
  readonly workers: Readonly<Partial<Record<WorkerKind, number>>>
  /** Tasks of the fleet whose worker has not written its row yet. */
  readonly unreported: number
  /** Workers that are busy or protected. */
  readonly floor: number
  /** What the strategies ask for, before bounds, windows and floor. */
  readonly asked: PerStrategy
  readonly unseen: readonly string[]
}

export interface Decision {
  readonly atMs: number
  /** Workers wanted, both sides together. */
  readonly wanted: number
  readonly reason: ScalingReason
  /** Desired counts per side; an absent side is left as it is. */
  readonly desired: Readonly<Partial<Record<Side, number>>>
  /** Carried out before any count is raised. */
  readonly place?: { readonly side: Side; readonly version: string }
  readonly drains: readonly DrainChange[]
  /** Absent: nobody is to be stopped by name. */
  readonly stops?: readonly StopOrder[]
  readonly versions: VersionsNote
  readonly inputs: DecisionInputs
}

/** A decision, and what the next one has to know. */
export interface DecisionWithMemory {
  readonly decision: Decision
  readonly memory: ScalerMemory
}

/** A decision as it is recorded: with everything that makes it again. */
export interface DecisionRecord extends Decision {
  readonly cause: 'clock' | 'kick'
  /** Looks in a row that came to the same answer, and the last of them. */
  readonly count: number
  /** When `inputs` were as shown; `replay` makes the decision of `atMs` again. */
  readonly lastSeenAtMs: number
  /** Absent where it was too large to keep. */
  readonly replay?: {
    readonly observation: Observation
    readonly memory: ScalerMemory
    readonly policy: ScalingPolicy
    readonly nowMs: number
  }
}

/** The last recorded decision, and how often saved looks have come to it since. */
export interface LastDecision {
  readonly signature: string
  readonly count: number
  readonly lastSeenAtMs: number
  /** Of the look at `lastSeenAtMs`; the record has those of the look that first decided this. */
  readonly inputs?: DecisionInputs
}
