import type { Side } from '../../../lib/scaling/sides.ts'
import type { KeptFile } from './memory-files.ts'
import type { HeldMessage } from './queue-state.ts'
import type { ModelTask, StopCause } from './fleet-state.ts'
import type { StoredRow } from './table-state.ts'
import type { CallInfo } from './gate.ts'
import type { ModelAsk } from './model-answers.ts'
import type { Lane } from './process.ts'

/** What a client was told. */
export interface ClientAnswer {
  /** `submit`, `cancel` or `retry`. */
  readonly kind: string
  /** The scenario's name of the job. */
  readonly name: string
  readonly status: number
  readonly body: Readonly<Record<string, unknown>>
  readonly atMs: number
}

/** Who carried it out: a worker's lane, a scaler's, that of a client's call. */
type By = Lane | undefined

interface DesiredChange {
  readonly side: Side
  readonly from: number
  readonly to: number
}

/** Where an invariant looks at the world. */
export interface Hooks {
  onRow?(before: StoredRow | undefined, after: StoredRow | undefined, by: By): void
  onSend?(message: HeldMessage, by: By): void
  onDelete?(message: HeldMessage, by: By): void
  onPut?(before: KeptFile | undefined, after: KeptFile, by: By): void
  onStop?(task: ModelTask, why: StopCause): void
  /** Before a call is carried out. */
  onCall?(info: CallInfo, by: Lane, how: string): void
  /** A count of the fleet was changed. */
  onDesired?(change: DesiredChange, by: By): void
  onAnswer?(answer: ClientAnswer): void
  /** A worker is about to send a query to its model server. */
  onAsk?(ask: ModelAsk): void
  /** After each call, once everybody waits again. */
  afterStep?(): void
  /** When everything is over. */
  atEnd?(): void
}
