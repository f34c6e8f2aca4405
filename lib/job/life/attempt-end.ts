/** How an attempt ends: finished by its own worker, or lost with it. */
import {
  type AttemptRecord,
  type Change,
  type EndDetail,
  type Job,
  type LogCounts,
  type ResultRef,
  toTimestamp,
} from '../job.ts'
import { type Holder, holdsLease } from './attempt.ts'
import { endJob } from './ending.ts'

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

/** The lease as it was judged: a newer beat, attempt or worker means that the verdict is stale. */
export interface SeenLease {
  readonly workerId: string
  readonly attempt: number
  /** Absent when the worker itself gives the job back, whatever beat it has reached. */
  readonly beat?: number
}

/**
 * The attempt is over because its worker is: by verdict of the reaper (`worker-lost`) or because the
 * worker was stopped and gave the job back (`released`). A voluntary release, or a loss after a
 * newer checkpoint, costs nothing of the loss budget. A cancel-requested job ends canceled.
 */
export function lose(
  job: Job,
  { seen, end }: { seen: SeenLease; end: EndDetail },
  nowMs: number,
): Change<'stale'> {
  if (!isSame(job, seen)) return { ok: false, why: 'stale' }
  const closed = closeAttempt(job, end, nowMs)
  if (job.cancel !== undefined) {
    const message = `canceled; ${end.message}`
    const canceled = { reason: 'canceled-by-user', message } as const
    return { ok: true, job: endJob(closed, { status: 'canceled', end: canceled }, nowMs) }
  }
  const isFree = end.reason === 'released' || job.checkpoint?.attempt === job.attempt
  const lossesUsed = job.lossesUsed + (isFree ? 0 : 1)
  if (lossesUsed > job.retry.maxLosses) {
    return { ok: true, job: endJob({ ...closed, lossesUsed }, { status: 'failed', end }, nowMs) }
  }
  return { ok: true, job: requeue({ ...closed, lossesUsed }, 0, nowMs) }
}

function isSame(job: Job, seen: SeenLease): boolean {
  const { lease } = job
  if (job.status !== 'running' || lease === undefined) return false
  const sameBeat = seen.beat === undefined || seen.beat === lease.beat
  return lease.workerId === seen.workerId && job.attempt === seen.attempt && sameBeat
}

/** Back to waiting; the reaper sends the message of the next attempt when it is due. */
function requeue(job: Job, delayMs: number, nowMs: number): Job {
  return {
    ...job,
    status: 'queued',
    queuedAt: toTimestamp(nowMs),
    readyAt: toTimestamp(nowMs + delayMs),
    readySent: 0,
  }
}

const ATTEMPTS_KEPT = 20

/** Moves the present attempt to the list of ended ones and takes the lease away. */
function closeAttempt(job: Job, end: EndDetail, nowMs: number): Job {
  const at = toTimestamp(nowMs)
  const lostLogBytes = job.logs?.lostBytes
  const record: AttemptRecord = {
    ...end,
    attempt: job.attempt,
    workerId: job.lease?.workerId ?? 'unknown',
    startedAt: job.startedAt ?? at,
    endedAt: at,
    ...(job.resumedFrom && { resumedFrom: job.resumedFrom }),
    ...(lostLogBytes !== undefined && { lostLogBytes }),
  }
  const { lease: _lease, resumedFrom: _resumedFrom, ...rest } = job
  return { ...rest, attempts: [...job.attempts, record].slice(-ATTEMPTS_KEPT) }
}
