import type { EndDetail, Job } from '../../lib/job/job.ts'
import type { AttemptOutcome } from '../../lib/job/life/attempt-end.ts'
import type { JobUser } from '../../lib/service/service.ts'
import type { Log } from '../../lib/ports/log.ts'
import type { AttemptFolder } from './attempt-folder.ts'
import type { LeaseWatch } from '../beats/lease-watch.ts'
import type { CredentialSource } from '../credentials/credential-source.ts'
import type { Guards } from '../../lib/processes/guard-pool.ts'
import type { JobLog } from '../logs/job-log.ts'
import type { RunControl } from './run-control.ts'
import type { WorkerDeps } from '../loop/worker-deps.ts'

/** What a runner gets for one attempt. */
export interface RunContext {
  readonly deps: WorkerDeps
  readonly job: Job
  /** Folder of the attempt's files in the store. */
  readonly prefix: string
  readonly folder: AttemptFolder
  readonly lease: LeaseWatch
  readonly control: RunControl
  readonly jobLog: JobLog
  readonly log: Log
  readonly guards: Guards
  readonly credentials: CredentialSource
  /** Whom the command runs as; absent: as the worker does. */
  readonly user?: JobUser
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
