/**
 * What a worker says of itself, in its own row: the scaler plans with it. Written by the worker,
 * except for `drain`, which only the scaler writes. Read strongly consistent.
 */
import { TASK_TYPES, type TaskType, type Timestamp } from '../job/job.ts'
import {
  type AnyCheck,
  type Fields,
  isCount,
  isListOf,
  isObjectOf,
  isOneOf,
  isOptional,
  isText,
} from '../parsing/checks.ts'
import { type Checks, fits, readFormat } from '../parsing/stored-row.ts'

/**
 * - starting: the init command or the model server is not ready yet
 * - idle: nothing taken, protection released
 * - busy: written *before* protection is asked for; idle only after a confirmed release
 * - draining: takes no more jobs (drain order, SIGTERM)
 */
export const WORKER_STATES = ['starting', 'idle', 'busy', 'draining'] as const
export type WorkerState = (typeof WORKER_STATES)[number]

export interface SlotUse {
  readonly total: number
  readonly taken: number
}

export interface WorkerJob {
  readonly jobId: string
  readonly attempt: number
  readonly taskType: TaskType
  readonly startedAt: Timestamp
}

export interface DrainOrder {
  readonly reason: 'surplus' | 'old-version'
  readonly orderedAt: Timestamp
  /** The order lapses by itself, so that a scaler that died cannot idle a fleet for ever. */
  readonly expiresAt: Timestamp
}

export interface WorkerRow {
  readonly workerId: string
  readonly taskId: string
  readonly version: string
  readonly state: WorkerState
  readonly slots: Readonly<Record<TaskType, SlotUse>>
  readonly jobs: readonly WorkerJob[]
  readonly startedAt: Timestamp
  /** When the row was last written; written at least every beat period. */
  readonly beatAt: Timestamp
  /** Counts up with every write by the worker. */
  readonly beat: number
  readonly protectedUntil?: Timestamp
  readonly drain?: DrainOrder
  /** Why it is not ready, or why protection was refused. */
  readonly note?: string
}

/** Of the rows that are written here; see lib/parsing/stored-row.ts. */
export const WORKER_ROW_FORMAT = 1

const isSlotUse = isObjectOf({ total: isCount, taken: isCount })
const isJob = isObjectOf({
  jobId: isText,
  attempt: isCount,
  taskType: isOneOf(...TASK_TYPES),
  startedAt: isText,
})
const isDrainOrder = isObjectOf({
  reason: isOneOf('surplus', 'old-version'),
  orderedAt: isText,
  expiresAt: isText,
})

const CHECKS: Checks<WorkerRow> & Readonly<Record<string, AnyCheck>> = {
  workerId: isText,
  taskId: isText,
  version: isText,
  state: isOneOf(...WORKER_STATES),
  slots: isObjectOf({ command: isSlotUse, query: isSlotUse }),
  jobs: isListOf(isJob),
  startedAt: isText,
  beatAt: isText,
  beat: isCount,
  protectedUntil: isOptional(isText),
  drain: isOptional(isDrainOrder),
  note: isOptional(isText),
}

/** @throws ServiceError `unknown-row` for a row of a newer version, or a damaged one */
export function readWorkerRow(workerId: string, data: Fields): WorkerRow {
  const what = `the row of worker ${workerId}`
  readFormat(what, data, WORKER_ROW_FORMAT)
  const { format: _format, ...row } = data
  fits<WorkerRow>(what, row, CHECKS)
  return row
}
