/** How a job ended, as somebody outside of the service saw it. */
interface SeenEnd {
  readonly jobId: string
  readonly attempt: number
  readonly status: string
  readonly reason?: string
  /** Stands for everything that was accepted with this end: two that differ were overwritten. */
  readonly digest?: string
}

/**
 * What a campaign saw with its own eyes. `at` is in milliseconds of the campaign's machine; `kind`
 * of a job is its place in the mix.
 */
export type LedgerEvent =
  /** The service answered that it has the job; seen again by a repeat is no second job. */
  | {
      readonly what: 'accepted'
      readonly at: number
      readonly jobId: string
      readonly kind: string
    }
  /** A client asked and went away: the job may stand or not. */
  | { readonly what: 'unanswered'; readonly at: number; readonly kind: string }
  /** An `Idempotency-Key` answered with another job than before. */
  | {
      readonly what: 'doubled'
      readonly at: number
      readonly jobId: string
      readonly other: string
    }
  /** Told by the output queue (at least once) or by the API (as often as it was asked). */
  | ({ readonly what: 'ended'; readonly at: number; readonly where: 'queue' | 'api' } & SeenEnd)
  /** Side effects of an attempt itself: it began, it was alive, it came to its own end. */
  | {
      readonly what: 'effect'
      readonly at: number
      readonly jobId: string
      readonly attempt: number
      readonly effect: 'start' | 'alive' | 'end'
    }
  /** The process table showed a process of this job, for the first time. */
  | { readonly what: 'process-seen'; readonly at: number; readonly jobId: string }
  /** Something other than the campaign sent a signal to a worker, busy or not. */
  | { readonly what: 'worker-stopped'; readonly at: number; readonly workerId: string }
  /** Something other than the campaign stopped a worker that ran this job. */
  | {
      readonly what: 'busy-worker-stopped'
      readonly at: number
      readonly jobId: string
      readonly workerId: string
      readonly how: string
    }
  /** A process of a job that had ended. */
  | { readonly what: 'orphan'; readonly at: number; readonly jobId: string; readonly pid: number }
  /** Two attempts of a job had processes at one moment. */
  | { readonly what: 'two-at-once'; readonly at: number; readonly jobId: string }
  /** From the death (or silence) of a worker to the moment its job was known to be lost. */
  | {
      readonly what: 'noticed'
      readonly at: number
      readonly jobId: string
      readonly how: 'killed' | 'hung'
      readonly afterMs: number
      /** With the time in which the campaign itself had the service or its scaler away. */
      readonly wallMs?: number
      /** Of a hung worker's attempt, where the scaler was there all the time: it may be silent so long. */
      readonly leaseMs?: number
    }
  /** An attempt followed by another. */
  | {
      readonly what: 'retried'
      readonly at: number
      readonly jobId: string
      readonly cause: string
    }
  /** Log of an attempt that wrote a known number of bytes, against what the API gives back. */
  | {
      readonly what: 'log-read'
      readonly at: number
      readonly jobId: string
      readonly wroteBytes: number
      readonly gotBytes: number
      /** Bytes that gap markers own up to. */
      readonly markedBytes: number
    }
  /** Whether the log of a command says where an attempt was lost with its worker. */
  | {
      readonly what: 'loss-read'
      readonly at: number
      readonly jobId: string
      readonly isTold: boolean
    }
  /** A job whose status cannot be true by what the campaign knows of it. */
  | { readonly what: 'untrue'; readonly at: number; readonly jobId: string; readonly why: string }
  | { readonly what: 'fault'; readonly at: number; readonly kind: string; readonly detail?: string }
