import { workerKey } from '../../job/keys.ts'
import type { DrainChange } from '../../scaling/decision.ts'
import { toStoredWorker } from '../stored-worker.ts'
import { WORKER_ROW_FORMAT, type WorkerRow } from '../../scaling/worker-row.ts'
import { toRowData } from '../../job/store/row-data.ts'
import type { Table } from '../../ports/table.ts'

/** Only writes of the worker itself compete with this one: a beat, or a change of its jobs. */
const MAX_ROUNDS = 5

/**
 * Writes or removes the drain order in a worker's row and leaves everything else as the worker
 * wrote it. A worker that has taken a job since is no longer surplus and gets no order.
 */
export async function changeDrainOrder(
  table: Table,
  change: DrainChange,
): Promise<'changed' | 'no-longer'> {
  const key = workerKey(change.workerId)
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const found = await table.get(key)
    if (found === undefined) return 'no-longer'
    const { row, rev } = toStoredWorker(found)
    const changed = applyChange(row, change)
    if (changed === undefined) return 'no-longer'
    const data = toRowData(WORKER_ROW_FORMAT, changed)
    const outcome = await table.write([{ kind: 'put', key, data, expect: { rev } }])
    if (outcome.ok) return 'changed'
  }
  throw new Error(
    `the row of worker ${change.workerId} changed ${MAX_ROUNDS} times while its drain order was written`,
  )
}

function applyChange(row: WorkerRow, change: DrainChange): WorkerRow | undefined {
  const { drain, ...rest } = row
  if (change.kind === 'withdraw') return drain === undefined ? undefined : rest
  const isWorking = row.jobs.length > 0 || row.state === 'busy'
  if (change.order.reason === 'surplus' && isWorking) return undefined
  return { ...rest, drain: change.order }
}
