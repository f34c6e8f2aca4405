import type { ActiveJobs } from './active-jobs.ts'
import type { Beats } from '../beats/beat-keeper.ts'
import type { CredentialSource } from '../credentials/credential-source.ts'
import type { Guards } from '../../lib/processes/guard-pool.ts'
import type { JobUsers } from '../command/job-users.ts'
import type { ProtectionKeeper } from './protection-keeper.ts'
import type { Slots } from './slots.ts'
import type { WorkerDeps } from './worker-deps.ts'

/** The parts of a running worker, as the steps of a job use them. */
export interface WorkerParts {
  readonly deps: WorkerDeps
  readonly slots: Slots
  readonly active: ActiveJobs
  readonly beats: Beats
  readonly guards: Guards
  readonly credentials: CredentialSource
  readonly users: JobUsers
  readonly keeper: ProtectionKeeper
  /** Attempts (`job:attempt`) of messages that are being handled here, against repeats. */
  readonly inHand: Set<string>
  /** This worker's own folder below the work root. */
  readonly folder: string
  /** Whether the worker may take a job of its queues now: not while it drains or stops. */
  readonly isReceiving: () => boolean
  /** The model server refused a connection: no query is taken until its port answers again. */
  readonly onRefused: () => void
}
