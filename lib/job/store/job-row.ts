import type { Job } from '../job.ts'
import { jobIndexes, jobKey } from '../keys.ts'
import type { JsonObject } from '../../ports/json.ts'
import type { Expectation, PutRow, Row, Table } from '../../ports/table.ts'

/** A job with the revision of the row that it was read from. */
export interface StoredJob {
  readonly job: Job
  readonly rev: number
}

/** The job as it stands; nothing where there is none, or its row had its time to live. */
export async function readJob(table: Table, id: string): Promise<StoredJob | undefined> {
  const row = await table.get(jobKey(id))
  return row && toStoredJob(row)
}

export function toStoredJob(row: Row): StoredJob {
  return { job: row.data as unknown as Job, rev: row.rev }
}

export function putJob(job: Job, expect: Expectation): PutRow {
  return {
    kind: 'put',
    key: jobKey(job.id),
    data: job as unknown as JsonObject,
    expect,
    indexes: jobIndexes(job),
    ...(job.expiresAt !== undefined && { expiresAtMs: Date.parse(job.expiresAt) }),
  }
}
