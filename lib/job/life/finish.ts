import { closeAttempt } from './close-attempt.ts'
import { endJob } from './end-job.ts'
import { type Holder, holdsLease } from './holds-lease.ts'
import type { Change, EndDetail, Job, LogCounts, ResultRef } from '../job.ts'
import { requeue } from './requeue.ts'

/** What an attempt came to, as its worker saw it. */
export interface AttemptOutcome {
  readonly status: 'succeeded' | 'failed' | 'canceled'
  readonly end: EndDetail
  /** Folder of the attempt's files. */
  readonly prefix: string
  readonly result?: ResultRef
  readonly artifacts?: Job['artifacts']
  readonly logs?: LogCounts
  /** False for failures that another attempt cannot mend (bad input). */
  readonly retryable: boolean
}

const MAX_BACKOFF_MS = 3_600_000

/**
 * The end of an attempt by its own worker: the job's end, or a further attempt while retries last.
 * A cancel that was asked for never leads back to queued; a success that came first stays.
 */
export function finish(
  job: Job,
  { holder, outcome }: { holder: Holder; outcome: AttemptOutcome },
  nowMs: number,
): Change<'not-holder'> {
  if (!holdsLease(job, holder)) return { ok: false, why: 'not-holder' }
  const { status, end, prefix, result, artifacts, logs } = outcome
  const closed = closeAttempt({ ...job, ...(logs && { logs }) }, end, nowMs)
  if (mayRetry(job, outcome)) {
    const delayMs = Math.min(job.retry.backoffSeconds * 1000 * 2 ** job.retriesUsed, MAX_BACKOFF_MS)
    return {
      ok: true,
      job: requeue({ ...closed, retriesUsed: job.retriesUsed + 1 }, delayMs, nowMs),
    }
  }
  const kept: Job = {
    ...closed,
    acceptedPrefix: prefix,
    ...(result && { result }),
    ...(artifacts && { artifacts }),
  }
  return { ok: true, job: endJob(kept, endAs(job, status, end), nowMs) }
}

function mayRetry(job: Job, outcome: AttemptOutcome): boolean {
  const wanted = outcome.status === 'failed' && outcome.retryable && job.cancel === undefined
  return wanted && job.retriesUsed < job.retry.maxRetries
}

function endAs(job: Job, status: AttemptOutcome['status'], end: EndDetail) {
  if (job.cancel === undefined || status === 'succeeded') return { status, end }
  return { status: 'canceled', end: { ...end, reason: 'canceled-by-user' } } as const
}
