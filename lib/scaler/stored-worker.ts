import type { WorkerRow } from '../scaling/worker-row.ts'
import type { Row } from '../ports/table.ts'

/** A worker's row with the revision that it was read at. */
export interface StoredWorker {
  readonly row: WorkerRow
  readonly rev: number
}

export function toStoredWorker(row: Row): StoredWorker {
  return { row: row.data as unknown as WorkerRow, rev: row.rev }
}
