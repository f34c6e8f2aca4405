import { jobPageSchema } from '../contract/answers.ts'
import { toJobView } from '../contract/job-view.ts'
import { listQuerySchema } from '../contract/list-query.ts'
import { chooseTenant } from '../auth/access.ts'
import { EXAMPLE_JOB } from '../openapi/examples.ts'
import { listJobs } from '../list-jobs.ts'
import { ROUTE_PLACES } from '../contract/route-places.ts'
import { defineRoute } from '../route.ts'

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
      content: { 'application/json': { schema: jobPageSchema, example: { jobs: [EXAMPLE_JOB] } } },
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
