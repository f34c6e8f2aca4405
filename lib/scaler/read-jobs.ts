import { type StoredJob, toStoredJobs } from '../job/store/job-row.ts'
import type { Log } from '../ports/log.ts'
import type { IndexHit, IndexQuery, Table } from '../ports/table.ts'

const ROWS_PER_READ = 100 // Table.getMany

/** Jobs that an index names. */
export interface JobPage {
  /** In the order of the index. */
  readonly jobs: readonly StoredJob[]
  /** Whether every row could be read; one of a newer version cannot. */
  readonly isWhole: boolean
  /** Where the index goes on; absent at its end. */
  readonly next?: string
}

/** Whether the index certainly names no job. */
export function isEmpty({ jobs, isWhole, next }: JobPage): boolean {
  return jobs.length === 0 && isWhole && next === undefined
}

interface Reader {
  readonly table: Table
  readonly log: Log
}

/** The rows that an index names, as they stand now: the caller checks its reason on each of them. */
export async function readJobs(reader: Reader, query: IndexQuery): Promise<JobPage> {
  const { hits, next } = await reader.table.queryIndex(query)
  return { ...(await readHits(reader, hits)), ...(next !== undefined && { next }) }
}

/** The rows of these hits that still exist, in their order. One that cannot be read is left alone. */
export async function readHits(
  { table, log }: Reader,
  hits: readonly IndexHit[],
): Promise<Omit<JobPage, 'next'>> {
  const jobs: StoredJob[] = []
  let isWhole = true
  for (let start = 0; start < hits.length; start += ROWS_PER_READ) {
    const keys = hits.slice(start, start + ROWS_PER_READ).map((hit) => hit.key)
    const read = toStoredJobs(await table.getMany(keys))
    jobs.push(...read.jobs)
    for (const why of read.unread) log.warn('a row was left alone', { why })
    isWhole &&= read.unread.length === 0
  }
  return { jobs, isWhole }
}
