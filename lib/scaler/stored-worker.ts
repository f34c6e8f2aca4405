import { readWorkerRow, type WorkerRow } from '../scaling/worker-row.ts'
import type { Row } from '../ports/table.ts'

/** A worker's row with the revision that it was read at. */
export interface StoredWorker {
  readonly row: WorkerRow
  readonly rev: number
}

/** @throws ServiceError `unknown-row` */
export function toStoredWorker({ key, data, rev }: Row): StoredWorker {
  return { row: readWorkerRow(key.sk, data), rev }
}
