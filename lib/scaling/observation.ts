/**
 * What one look saw. Each part may be missing: "could not observe" is a value of its own and is
 * never read as zero or empty. Times are milliseconds since 1970.
 */
import type { TaskType } from '../job/job.ts'
import { perTaskType } from '../job/task-types.ts'
import type { DrainOrder, WorkerState } from './worker-row.ts'
import type { Side } from './sides.ts'

export type Observed<T> =
  | { readonly seen: true; readonly value: T }
  | { readonly seen: false; readonly why: string }

export type PerTaskType<T> = Readonly<Record<TaskType, T>>

/** Not asked for on purpose: all rows were counted, no job waits, and the table wins. */
export const NOT_ASKED = { seen: false, why: 'not-asked' } as const

/** Queued rows that could start now; a retry that still backs off is not waiting. */
export interface WaitingRows {
  readonly counts: PerTaskType<number>
  /** False when counting stopped at its bound: there are at least this many. */
  readonly isComplete: boolean
  /** Since when the oldest of each type has been queued. */
  readonly oldestQueuedAtMs: Readonly<Partial<Record<TaskType, number>>>
}

export interface WorkerFacts {
  readonly workerId: string
  readonly taskId: string
  readonly version: string
  readonly state: WorkerState
  readonly beat: number
  /** Free slots for a job of this type, whether the worker drains or not. */
  readonly free: PerTaskType<number>
  readonly jobs: readonly {
    readonly jobId: string
    readonly taskType: TaskType
    readonly startedAtMs: number
  }[]
  readonly protectedUntilMs?: number
  readonly drain?: { readonly reason: DrainOrder['reason']; readonly expiresAtMs: number }
}

export interface SideFacts {
  readonly version?: string
  readonly desired: number
}

export interface FleetFacts {
  readonly sides: Readonly<Record<Side, SideFacts>>
  /** Tasks that have not stopped yet. */
  readonly tasks: readonly {
    readonly taskId: string
    readonly side: Side
    readonly state: 'pending' | 'running' | 'stopping'
  }[]
  /** The worker version that was deployed last. */
  readonly latestVersion: string
}

/** Facts of the service that a decision needs beside its scaling policy. */
export interface ServiceFacts {
  /** Slots of one worker; 0 where the service does not take the type. */
  readonly slots: PerTaskType<number>
  readonly queriesBesideCommand: boolean
  readonly lookSeconds: number
  /** A worker writes its row at least this often. */
  readonly beatSeconds: number
}

export interface Observation {
  /** When the look began: every part is at least as new. */
  readonly atMs: number
  readonly service: ServiceFacts
  /** Visible messages of the input queues: an estimate, up to a minute old. */
  readonly depth: Observed<PerTaskType<number>>
  readonly waiting: Observed<WaitingRows>
  readonly workers: Observed<readonly WorkerFacts[]>
  readonly fleet: Observed<FleetFacts>
  /** Mean run time of recent successes, for the types measured in this look. */
  readonly runSeconds: Readonly<Partial<Record<TaskType, number>>>
  /**
   * Workers that report busy but held no lease (their jobs were given to others) when the reaper
   * last read all running rows. Absent where it could not read them, or not lately.
   */
  readonly withoutLease?: readonly string[]
}

/** Above this age an observation may raise the fleet but not lower it. */
export const STALE_AFTER_MS = 5000

/**
 * Waiting jobs per type: the rows where they were counted to the end; the larger of rows and queue
 * depth where counting stopped at its bound; the depth alone where the rows could not be observed.
 */
export function countWaiting(observation: Observation): PerTaskType<number> | undefined {
  const { waiting, depth } = observation
  if (!waiting.seen) return depth.seen ? depth.value : undefined
  const { counts, isComplete } = waiting.value
  if (isComplete || !depth.seen) return counts
  const { value } = depth
  return perTaskType((taskType) => Math.max(counts[taskType], value[taskType]))
}

/**
 * The waiting jobs that a new worker could take. A job of a type that the service does not take
 * calls for no worker: no worker would ever run it.
 */
export function onlyServed(
  waiting: PerTaskType<number>,
  { slots }: ServiceFacts,
): PerTaskType<number> {
  return perTaskType((taskType) => (slots[taskType] > 0 ? waiting[taskType] : 0))
}

/** Names of the parts that should have been observed and could not be. */
export function listUnseen(observation: Observation): string[] {
  const { depth, waiting, workers, fleet } = observation
  return Object.entries({ depth, waiting, workers, fleet })
    .filter(([, part]) => !part.seen && part.why !== NOT_ASKED.why)
    .map(([name]) => name)
}
