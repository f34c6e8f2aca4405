import type { JobUser, WorkerService } from '../../lib/service/service.ts'
import type { Clock } from '../../lib/ports/clock.ts'
import type { Files } from '../../lib/ports/files.ts'
import type { JobCredentials } from '../../lib/ports/job-credentials.ts'
import type { Log } from '../../lib/ports/log.ts'
import type { Queues } from '../../lib/ports/queues.ts'
import type { ScalerKick } from '../../lib/ports/scaler-kick.ts'
import type { Table } from '../../lib/ports/table.ts'
import type { TaskProtection } from '../../lib/ports/task-protection.ts'
import type { BeatThreadData } from '../beats/beat-messages.ts'
import type { RenewerDeps, Leases } from '../beats/lease-renewer.ts'
import type { Guards } from '../../lib/processes/guard-pool.ts'
import type { ModelAnswer, ModelCall } from '../query/call-model.ts'
import type { Model } from '../query/model.ts'
import type { Pace } from './pace.ts'

/** Everything that a worker needs from outside. */
export interface WorkerDeps {
  readonly service: WorkerService
  /** Of all that this worker runs; on AWS more than the service has a part in it. */
  readonly version: string
  readonly workerId: string
  /** The fleet's name for this process. */
  readonly taskId: string
  readonly table: Table
  readonly queues: Queues
  readonly files: Files
  readonly protection: TaskProtection
  readonly kick: ScalerKick
  readonly clock: Clock
  /** Waits between tries; see `makePace`. */
  readonly pace: Pace
  readonly log: Log
  /** Where jobs have credentials of their own; absent: they have none. Closed with the worker. */
  readonly jobCredentials?: JobCredentials
  /** How the beat thread opens a table connection of its own. */
  readonly store: BeatThreadData['store']
  /** What renews the leases: a thread of its own, unless set. */
  readonly makeLeases?: (deps: RenewerDeps) => Leases
  /** What stands for the model server: the one at `port`, unless set. `onChange` as it says. */
  readonly makeModel?: (onChange: () => void) => Model
  /** How it is asked: by HTTP, unless set. */
  readonly callModel?: (call: ModelCall) => Promise<ModelAnswer>
  /** The user that commands run as; absent: the worker's own. */
  readonly jobUser?: JobUser
  /** What watches over what jobs start: guard processes, unless set. */
  readonly guards?: Guards
  /** Folder below which each attempt gets its own one. */
  readonly workRoot: string
  /** Where guards note what they started for the supervisor, where there is one. */
  readonly groupDir?: string
  /** Folder of service.json, where there is one. */
  readonly serviceDir?: string
  /** The environment from which jobs and the model server start (`makeBaseEnv`). */
  readonly baseEnv: Readonly<Record<string, string>>
  /** Port of the model server, where the service has one. */
  readonly port?: number
  /**
   * Aborts when the worker should stop (SIGTERM): it receives no more, lets its jobs end while
   * `stopSeconds` last, then releases them.
   */
  readonly stop: AbortSignal
  /** Aborts when there is no time to let jobs end (the supervisor is gone): they go at once. */
  readonly abandon: AbortSignal
}

/** How a worker's life ended; `code` is the exit code of its process. */
export interface WorkerExit {
  readonly code: number
  readonly why: 'stopped' | 'init-failed' | 'model-not-ready'
}
