import { type StoredJob, toStoredJob } from '../job/store/job-row.ts'
import type { IndexHit, IndexQuery, Table } from '../ports/table.ts'

const ROWS_PER_READ = 100 // Table.getMany

/** Jobs that an index names. */
export interface JobPage {
  /** In the order of the index. */
  readonly jobs: readonly StoredJob[]
  /** Where the index goes on; absent at its end. */
  readonly next?: string
}

/** The rows that an index names, as they stand now: the caller checks its reason on each of them. */
export async function readJobs(table: Table, query: IndexQuery): Promise<JobPage> {
  const { hits, next } = await table.queryIndex(query)
  return { jobs: await readHits(table, hits), ...(next !== undefined && { next }) }
}

/** The rows of these hits that still exist, in their order. */
export async function readHits(table: Table, hits: readonly IndexHit[]): Promise<StoredJob[]> {
  const jobs: StoredJob[] = []
  for (let start = 0; start < hits.length; start += ROWS_PER_READ) {
    const keys = hits.slice(start, start + ROWS_PER_READ).map((hit) => hit.key)
    jobs.push(...(await table.getMany(keys)).map(toStoredJob))
  }
  return jobs
}
