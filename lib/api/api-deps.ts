import type { Service } from '../service/service.ts'
import type { Clock } from '../ports/clock.ts'
import type { Files } from '../ports/files.ts'
import type { Fleet } from '../ports/fleet.ts'
import type { Log } from '../ports/log.ts'
import type { Queues } from '../ports/queues.ts'
import type { ScalerKick } from '../ports/scaler-kick.ts'
import type { Table } from '../ports/table.ts'
import type { TokenSet } from './auth/token-set.ts'

/** Everything that the API needs from outside. */
export interface ApiDeps {
  readonly service: Service
  readonly table: Table
  readonly queues: Queues
  readonly files: Files
  readonly fleet: Pick<Fleet, 'observe'>
  readonly kick: ScalerKick
  readonly clock: Clock
  readonly log: Log
  /** Makes job ids, and the ids of requests and uploads. */
  readonly newId: () => string
  /** The tokens as they stand now; asked once per request. */
  readonly tokens: () => TokenSet
  /** Whether an answer may be sent bit by bit; false behind API Gateway. */
  readonly canStream: boolean
  /** Version of Scalable Job itself. */
  readonly version: string
}
