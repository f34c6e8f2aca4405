/**
 * A job: one piece of work with an id, a task type, an input and a status.
 *
 * Life cycle:
 *
 *     queued ──claim──► running ──finish──► succeeded | failed
 *        ▲                 │
 *        └──── lost, or failed with retries left (attempt + 1) ────┘
 *     queued ──cancel──► canceled      running ──cancel-requested, group gone──► canceled
 *
 * Invariants: ends are final; `attempt` only grows; a lease exists exactly while `running`; every
 * change is a pure function of the row (the files beside this one) and is written on the condition
 * that the row has not changed since it was read.
 */
import type { JobChoices } from './job-choices.ts'
import type { EndReason } from './reasons.ts'

export const TASK_TYPES = ['command', 'query'] as const
export type TaskType = (typeof TASK_TYPES)[number]

export const JOB_STATUSES = ['queued', 'running', 'succeeded', 'failed', 'canceled'] as const
export type JobStatus = (typeof JOB_STATUSES)[number]
export type EndStatus = 'succeeded' | 'failed' | 'canceled'

/** ISO-8601 in UTC with milliseconds. */
export type Timestamp = string

/** Where a job's input stands: in a row of its own beside the job's, or in the file store. */
export type InputRef =
  | { readonly kind: 'row'; readonly bytes: number }
  | { readonly kind: 'file'; readonly key: string; readonly bytes: number }

/** A worker's time-limited right to a job. */
interface Lease {
  readonly workerId: string
  /** The fleet's name for the worker's ECS task (an ARN) or child process. */
  readonly taskId: string
  /** Counts up with every beat; a number that stands still means that nobody is there. */
  readonly beat: number
  readonly grantedAt: Timestamp
  /** How long the worker may be silent. */
  readonly leaseSeconds: number
}

export type JobLimits = JobChoices['limits']
export type RetryPolicy = JobChoices['retry']

/** Which checkpoint. */
interface CheckpointName {
  readonly attempt: number
  /** Counts up within the attempt. */
  readonly number: number
}

/** The last accepted checkpoint. */
export interface CheckpointRef extends CheckpointName {
  /** The file that lists keys, sizes and checksums. */
  readonly manifestKey: string
  readonly bytes: number
  readonly at: Timestamp
}

export interface Progress {
  /** 0 to 1. */
  readonly fraction: number
  readonly note: string
  readonly at: Timestamp
}

export interface LogCounts {
  readonly stdoutBytes: number
  readonly stderrBytes: number
  /** Bytes that had to be cut; each cut has a gap marker in the log. */
  readonly cutBytes: number
  /**
   * Of them, those at the end that the store had not taken when the attempt ended: no file tells of
   * them, so whoever reads the log adds the marker.
   */
  readonly lostBytes?: number
  /** Chunks written so far in this attempt. */
  readonly chunks: number
}

/** How an attempt or a job ended. */
export interface EndDetail {
  readonly reason: EndReason
  readonly message: string
  readonly exitCode?: number
  readonly signal?: string
  /** HTTP status of the model server (query). */
  readonly statusCode?: number
}

/** The answer of a job: for a query the model's body, for a command nothing but its files. */
export interface ResultRef {
  readonly key: string
  readonly bytes: number
  readonly contentType: string
}

export interface AttemptRecord extends EndDetail {
  readonly attempt: number
  readonly workerId: string
  readonly startedAt: Timestamp
  readonly endedAt: Timestamp
  readonly resumedFrom?: CheckpointName
  /** `lostBytes` of its log: the next attempt begins to count anew. */
  readonly lostLogBytes?: number
}

/** How a query goes to the model server. */
export interface QueryRequest {
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
}

/** With what its submitter chose. */
export interface Job extends JobChoices {
  readonly id: string
  readonly service: string
  readonly tenant: string
  readonly taskType: TaskType
  readonly status: JobStatus
  /** Number of the present or last attempt; 0 before the first. */
  readonly attempt: number
  readonly acceptedAt: Timestamp
  /** When it last became queued. */
  readonly queuedAt: Timestamp
  readonly startedAt?: Timestamp
  readonly endedAt?: Timestamp
  readonly input: InputRef
  readonly request?: QueryRequest
  readonly retriesUsed: number
  readonly lossesUsed: number
  readonly lease?: Lease
  /** The checkpoint that the present attempt was given. */
  readonly resumedFrom?: CheckpointName
  readonly cancel?: { readonly requestedAt: Timestamp; readonly by: string }
  readonly checkpoint?: CheckpointRef
  readonly progress?: Progress
  readonly logs?: LogCounts
  /** Ended attempts, oldest first, the last 20. */
  readonly attempts: readonly AttemptRecord[]
  /** Set once ended. */
  readonly end?: EndDetail
  /** Folder of the accepted attempt's files; set once ended after an attempt. */
  readonly acceptedPrefix?: string
  readonly result?: ResultRef
  readonly artifacts?: {
    readonly manifestKey: string
    readonly files: number
    readonly bytes: number
  }
  readonly retryOf?: string
  /** Queued: when the next message is due (and, after a failure, the earliest next start). */
  readonly readyAt?: Timestamp
  readonly readySent: number
  /** Ended: when the next notification is due; absent once notified. */
  readonly notifyAt?: Timestamp
  readonly notificationsSent: number
  /** When the row may be deleted (time to live), set at the end. */
  readonly expiresAt?: Timestamp
}

/** The outcome of a transition: the changed job, or why it does not apply. */
export type Change<Refusal extends string> =
  | { readonly ok: true; readonly job: Job }
  | { readonly ok: false; readonly why: Refusal }

export function isEnded(status: JobStatus): status is EndStatus {
  return status !== 'queued' && status !== 'running'
}

export function toTimestamp(ms: number): Timestamp {
  return new Date(ms).toISOString()
}
