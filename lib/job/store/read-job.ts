import { jobKey } from '../keys.ts'
import type { Table } from '../../ports/table.ts'
import { type StoredJob, toStoredJob } from './job-row.ts'

export async function readJob(table: Table, id: string): Promise<StoredJob | undefined> {
  const row = await table.get(jobKey(id))
  return row && toStoredJob(row)
}
