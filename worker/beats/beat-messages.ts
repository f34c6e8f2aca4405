/** What the worker's main thread and its beat thread say to each other. */
import type { BeatReport } from '../../lib/job/life/attempt.ts'
import type { StoredJob } from '../../lib/job/store/job-row.ts'

export interface BeatThreadData {
  /** From which the thread opens a table connection of its own: plain data of `worker/start`. */
  readonly store: object
  readonly beatMs: number
  /** One 64-bit number: when the main loop last turned, on the machine's monotonic clock. */
  readonly aliveAt: SharedArrayBuffer
}

/** One attempt whose lease is to be renewed. */
export interface LeaseTarget {
  /** `job:attempt`. */
  readonly key: string
  /** The row as claimed. */
  readonly claimed: StoredJob
  readonly workerId: string
  readonly leaseMs: number
}

export type BeatOrder =
  | { readonly do: 'watch'; readonly watched: LeaseTarget }
  | { readonly do: 'report'; readonly key: string; readonly report: BeatReport }
  | { readonly do: 'end'; readonly key: string }
  | { readonly do: 'close' }

export type BeatNews =
  /** The thread has its table connection. */
  | { readonly is: 'up' }
  /** A beat stands in the row; it was sent at `sentAtMs` of the monotonic clock. */
  | { readonly is: 'renewed'; readonly key: string; readonly sentAtMs: number }
  | { readonly is: 'cancel-requested'; readonly key: string }
  /** The attempt no longer holds the job. */
  | { readonly is: 'not-holder'; readonly key: string }
  | { readonly is: 'trouble'; readonly key: string; readonly message: string }
