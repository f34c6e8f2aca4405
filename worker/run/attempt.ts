import type { EndDetail, Job } from '../../lib/job/job.ts'
import type { AttemptOutcome } from '../../lib/job/life/attempt-end.ts'
import type { Log } from '../../lib/ports/log.ts'
import type { LeaseWatch } from '../beats/lease-watch.ts'
import type { JobLog } from '../logs/job-log.ts'
import type { RunningWorker } from '../loop/running-worker.ts'
import type { WorkerDeps } from '../loop/worker-deps.ts'
import type { AttemptFolder } from './attempt-folder.ts'
import type { RunControl, StopOrder } from './run-control.ts'

/** One claimed attempt of a job, from its claim to its end in this worker. */
export interface Attempt {
  readonly worker: RunningWorker
  readonly deps: WorkerDeps
  /** As claimed. */
  readonly job: Job
  /** Folder of the attempt's files in the store. */
  readonly prefix: string
  /** Its folders on this machine. */
  readonly folder: AttemptFolder
  readonly lease: LeaseWatch
  readonly control: RunControl
  readonly jobLog: JobLog
  /** The worker's own log. */
  readonly log: Log
}

/**
 * What a runner says when nothing of the attempt runs any more.
 * - outcome: the attempt has an end to be written
 * - released: it was stopped for the worker's sake, and another attempt should follow
 * - fault: this machine or a store failed it; a loss like that of a worker that vanishes
 */
export type RunResult =
  | { readonly kind: 'outcome'; readonly outcome: Omit<AttemptOutcome, 'prefix' | 'logs'> }
  | { readonly kind: 'released'; readonly why: string }
  | { readonly kind: 'fault'; readonly message: string }

export function failed(end: EndDetail, retryable: boolean): RunResult {
  return { kind: 'outcome', outcome: { status: 'failed', end, retryable } }
}

/** What an attempt that was stopped by order came to; `how` it ended is recorded with it. */
export function describeOrder(
  job: Job,
  order: StopOrder | undefined,
  how: Pick<EndDetail, 'exitCode' | 'signal'> = {},
): RunResult {
  if (order?.why === 'canceled') {
    const end: EndDetail = { reason: 'canceled-by-user', message: 'canceled while it ran', ...how }
    return { kind: 'outcome', outcome: { status: 'canceled', end, retryable: false } }
  }
  if (order?.why === 'timed-out') {
    const message = `stopped after ${job.limits.runSeconds} s, the limit of its run`
    return failed({ reason: 'timed-out', message, ...how }, true)
  }
  return { kind: 'released', why: 'the worker was stopped' }
}
