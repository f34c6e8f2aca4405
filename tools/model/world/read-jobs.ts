import type { Job } from '../../../lib/job/job.ts'
import { toStoredJob } from '../../../lib/job/store/job-row.ts'
import type { StoredRow, TableState } from './table-state.ts'

/** The job in a row that is a job's own. */
export function jobOf(row: StoredRow | undefined): Job | undefined {
  const isJob = row !== undefined && row.key.pk.startsWith('job#') && row.key.sk === 'state'
  return isJob ? toStoredJob(row).job : undefined
}

export function readJobs(table: TableState): readonly Job[] {
  return table.rows().flatMap((row) => jobOf(row) ?? [])
}
