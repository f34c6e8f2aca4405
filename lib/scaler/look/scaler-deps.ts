import type { Service } from '../../service/service.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Files } from '../../ports/files.ts'
import type { Fleet } from '../../ports/fleet.ts'
import type { Log } from '../../ports/log.ts'
import type { Metrics } from '../../ports/metrics.ts'
import type { Queues } from '../../ports/queues.ts'
import type { Table } from '../../ports/table.ts'

/** Everything that a look reaches outside itself. */
export interface ScalerDeps {
  /** The service as it stands now; asked once per look. */
  readonly service: () => Service
  readonly table: Table
  readonly queues: Queues
  readonly files: Files
  readonly fleet: Fleet
  readonly metrics: Metrics
  readonly clock: Clock
  readonly log: Log
  /** A queue with so many messages gives every worker something to do. 1000. */
  readonly deepQueueMessages?: number
  /** Names this process in the lock; unique per process. */
  readonly owner: string
}
