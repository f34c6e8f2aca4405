import { jobPageSchema } from '../contract/answers.ts'
import { toJobView } from '../contract/job-view.ts'
import {
  decodeJobCursor,
  encodeJobCursor,
  type ListQuery,
  listQuerySchema,
  splitTagFilter,
} from '../contract/list-query.ts'
import { chooseTenant } from '../auth/access.ts'
import { EXAMPLE_JOB } from '../openapi/examples.ts'
import { ROUTE_PLACES } from '../contract/route-places.ts'
import { asJson, defineRoute } from '../route.ts'
import { type Job, JOB_STATUSES } from '../../job/job.ts'
import { type IndexName, jobKey, statusHash, tenantHash, tenantStatusHash } from '../../job/keys.ts'
import { toStoredJobs } from '../../job/store/job-row.ts'
import type { Log } from '../../ports/log.ts'
import type { Table } from '../../ports/table.ts'

export const listJobsRoute = defineRoute({
  ...ROUTE_PLACES.listJobs,
  group: 'jobs',
  summary: 'Jobs, newest first',
  description:
    'Jobs of the caller (of all tenants for the admin). The work of one call is bounded, so a page under a filter that matches little may be short or empty and still have a `next`.',
  query: listQuerySchema,
  repeatable: ['tag'],
  answers: {
    200: {
      description: 'A page.',
      content: asJson(jobPageSchema, { jobs: [EXAMPLE_JOB] }),
    },
  },
  errors: ['invalid-request'],
  handle: async ({ api, c, caller, log }, query) => {
    const tenant = chooseTenant(caller, query.tenant, 'query.tenant')
    const { jobs, next } = await listJobs({ table: api.table, log }, { ...query, tenant })
    const nowMs = api.clock.now()
    return c.json({ jobs: jobs.map((job) => toJobView(job, nowMs)), ...(next && { next }) })
  },
})

/** Rows read at a time: the most that one read takes. */
const ROUND_ROWS = 100
/** Bounds the work of one call; a filter that matches little gives short pages with a `next`. */
const MAX_ROUNDS = 5

export interface JobFilter extends ListQuery {
  /** Absent: the admin asks for all tenants. */
  readonly tenant?: string | undefined
}

/**
 * A page of jobs, newest first. The indexes only nominate: each row is read again and filtered as
 * it stands. Pages are cut by id, so that jobs that come or end meanwhile neither repeat nor vanish
 * from the pages that follow.
 */
export async function listJobs(
  { table, log }: { readonly table: Table; readonly log: Log },
  filter: JobFilter,
): Promise<{ jobs: Job[]; next?: string }> {
  const jobs: Job[] = []
  let below = filter.cursor === undefined ? undefined : decodeJobCursor(filter.cursor)
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const ids = await nominate(table, filter, below)
    if (ids.length === 0) return { jobs }
    const read = toStoredJobs(await table.getMany(ids.map((id) => jobKey(id))))
    for (const why of read.unread) log.warn('a job was left out of a list', { why })
    const matching = read.jobs.map(({ job }) => job).filter((job) => matches(job, filter))
    const room = filter.limit - jobs.length
    jobs.push(...matching.slice(0, room))
    // The page is full: the next one begins behind its last job, not behind the last row read.
    below = matching.length >= room ? jobs.at(-1)?.id : ids.at(-1)
    if (below === undefined) return { jobs }
    if (matching.length >= room) return { jobs, next: encodeJobCursor(below) }
    if (ids.length < ROUND_ROWS) return { jobs }
  }
  return below === undefined ? { jobs } : { jobs, next: encodeJobCursor(below) }
}

/** The newest ids below one, over all index entries that the filter needs. */
async function nominate(
  table: Table,
  filter: JobFilter,
  below: string | undefined,
): Promise<string[]> {
  const range = below === undefined ? {} : { upTo: idBefore(below) }
  const pages = await Promise.all(
    placesOf(filter).map((place) =>
      table.queryIndex({ ...place, ...range, limit: ROUND_ROWS, newestFirst: true }),
    ),
  )
  const ids = pages.flatMap(({ hits }) => hits.map((hit) => hit.range))
  return [...new Set(ids)].toSorted().toReversed().slice(0, ROUND_ROWS)
}

/** With all its digits, for ids are compared as text. */
function idBefore(id: string): string {
  return String(BigInt(id) - 1n).padStart(id.length, '0')
}

function placesOf({ tenant, status }: JobFilter): { index: IndexName; hash: string }[] {
  if (tenant !== undefined && status !== undefined) {
    return [{ index: 'byTenantStatus', hash: tenantStatusHash(tenant, status) }]
  }
  if (tenant !== undefined) return [{ index: 'byTenant', hash: tenantHash(tenant) }]
  const statuses = status === undefined ? JOB_STATUSES : [status]
  return statuses.map((each) => ({ index: 'byStatus', hash: statusHash(each) }))
}

function matches(job: Job, { tenant, status, taskType, tag }: JobFilter): boolean {
  if (tenant !== undefined && job.tenant !== tenant) return false
  if (status !== undefined && job.status !== status) return false
  if (taskType !== undefined && job.taskType !== taskType) return false
  return tag.map(splitTagFilter).every(([name, value]) => job.tags[name] === value)
}
