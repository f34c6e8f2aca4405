import { z } from 'zod'
import { jobViewSchema } from '../contract/job-view-schema.ts'
import { toJobView } from '../contract/job-view.ts'
import { EXAMPLE_JOB } from '../openapi/examples.ts'
import { findJob, jobParams } from '../find-job.ts'
import { ROUTE_PLACES } from '../contract/route-places.ts'
import { asJson, defineRoute } from '../route.ts'

export const getJob = defineRoute({
  ...ROUTE_PLACES.getJob,
  group: 'jobs',
  summary: 'One job',
  description: 'Status, times, progress, attempts and how it ended, as the table has it now.',
  params: jobParams,
  query: z.strictObject({}),
  answers: {
    200: {
      description: 'The job.',
      content: asJson(jobViewSchema, EXAMPLE_JOB),
    },
  },
  errors: ['not-found'],
  handle: async (call) => {
    const { job } = await findJob(call)
    return call.c.json(toJobView(job, call.api.clock.now()))
  },
})
