import { toTimestamp, type TaskType } from '../../lib/job/job.ts'
import { workerKey } from '../../lib/job/keys.ts'
import {
  type DrainOrder,
  type SlotUse,
  type WorkerJob,
  type WorkerRow,
  type WorkerState,
  readWorkerRow,
  WORKER_ROW_FORMAT,
} from '../../lib/scaling/worker-row.ts'
import { toRowData } from '../../lib/job/store/row-data.ts'
import { Serial } from '../../lib/pace/serial.ts'
import type { Clock } from '../../lib/ports/clock.ts'
import type { Log } from '../../lib/ports/log.ts'
import type { Row, Table } from '../../lib/ports/table.ts'

/** What the worker says of itself at the moment of a write. */
export interface WorkerReport {
  readonly state: WorkerState
  readonly slots: Readonly<Record<TaskType, SlotUse>>
  readonly jobs: readonly WorkerJob[]
  readonly protectedUntil?: string
  readonly note?: string
}

interface RowDeps {
  readonly table: Table
  readonly clock: Clock
  readonly log: Log
  readonly workerId: string
  readonly taskId: string
  readonly version: string
}

/** A row that nobody writes any more may vanish after a day. */
const KEPT_MS = 86_400_000
const MAX_ROUNDS = 8

/**
 * Writes the worker's own row. Writes follow each other, each of them says what is true when it
 * starts, and each keeps the scaler's `drain` field as it stands in the table.
 */
export class WorkerRowWriter {
  readonly #deps: RowDeps
  readonly #describe: () => WorkerReport
  readonly #onLook: () => void
  readonly #startedAt: string
  readonly #serial = new Serial()
  #beat = 0
  #rev: number | undefined
  #drain: DrainOrder | undefined
  #isClosed = false

  /** `describe` says what is true now; `onLook` is called after each look at the row. */
  constructor(deps: RowDeps, how: { describe: () => WorkerReport; onLook: () => void }) {
    this.#deps = deps
    this.#describe = how.describe
    this.#onLook = how.onLook
    this.#startedAt = toTimestamp(deps.clock.now())
  }

  /** The scaler's order, as last seen and while it has not expired. */
  drainOrder(): DrainOrder | undefined {
    const order = this.#drain
    if (order === undefined) return undefined
    return Date.parse(order.expiresAt) > this.#deps.clock.now() ? order : undefined
  }

  /** @throws PortUnavailable when the table does not answer */
  write(): Promise<void> {
    return this.#serial.run(() => this.#write())
  }

  /** Sees whether the scaler ordered anything. */
  look(): Promise<void> {
    return this.#serial.run(async () => this.#see(await this.#read()))
  }

  /** The worker ends: its row goes. */
  remove(): Promise<void> {
    return this.#serial.run(async () => {
      this.#isClosed = true
      await this.#deps.table.write([{ kind: 'delete', key: this.#key, expect: 'any' }])
    })
  }

  get #key() {
    return workerKey(this.#deps.workerId)
  }

  async #write(): Promise<void> {
    for (let round = 0; round < MAX_ROUNDS && !this.#isClosed; round += 1) {
      const outcome = await this.#deps.table.write([
        {
          kind: 'put',
          key: this.#key,
          data: toRowData(WORKER_ROW_FORMAT, this.#makeRow()),
          expect: this.#rev === undefined ? 'absent' : { rev: this.#rev },
          expiresAtMs: this.#deps.clock.now() + KEPT_MS,
        },
      ])
      if (outcome.ok) {
        this.#rev = outcome.revs[0]
        this.#beat += 1
        return
      }
      this.#see(await this.#read())
    }
  }

  #read(): Promise<Row | undefined> {
    return this.#deps.table.get(this.#key)
  }

  #see(row: Row | undefined): void {
    this.#rev = row?.rev
    this.#drain = row && this.#readDrain(row)
    this.#onLook()
  }

  /** This row is the worker's own: where it cannot be read, it is written over, and no order holds. */
  #readDrain(row: Row): DrainOrder | undefined {
    try {
      return readWorkerRow(row.key.sk, row.data).drain
    } catch (error) {
      this.#deps.log.warn('own row not understood', { error: String(error) })
      return undefined
    }
  }

  #makeRow(): WorkerRow {
    const { workerId, taskId, version, clock } = this.#deps
    return {
      workerId,
      taskId,
      version,
      ...this.#describe(),
      startedAt: this.#startedAt,
      beatAt: toTimestamp(clock.now()),
      beat: this.#beat + 1,
      ...(this.#drain && { drain: this.#drain }),
    }
  }
}
