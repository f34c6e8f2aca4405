import { z } from 'zod'
import { cancelAnswerSchema } from '../contract/answers.ts'
import { toJobView } from '../contract/job-view.ts'
import { isEnded, type Job } from '../../job/job.ts'
import { requestCancel } from '../../job/life/ending.ts'
import { changeJob } from '../../job/store/change-job.ts'
import type { StoredJob } from '../../job/store/job-row.ts'
import { sendEnd } from '../../job/store/send-end.ts'
import { EXAMPLE_ENDED_JOB, EXAMPLE_JOB } from '../openapi/examples.ts'
import { findJob, jobParams } from '../find-job.ts'
import { ROUTE_PLACES } from '../contract/route-places.ts'
import { asJson, type Call, defineRoute } from '../route.ts'

export const cancelJob = defineRoute({
  ...ROUTE_PLACES.cancelJob,
  group: 'jobs',
  summary: 'Cancel a job',
  description:
    'A waiting job ends at once. A running one is asked to end: SIGTERM to everything it started, after `limits.graceSeconds` SIGKILL, and only then is it `canceled`. An end that came first stays.',
  params: jobParams,
  query: z.strictObject({}),
  answers: {
    200: {
      description: 'Nothing of the job runs or will run: canceled now, or ended before.',
      content: asJson(cancelAnswerSchema, { outcome: 'canceled', job: EXAMPLE_ENDED_JOB }),
    },
    202: {
      description: 'The job runs and was asked to end; GET /jobs/{id} shows when it has.',
      content: asJson(cancelAnswerSchema, {
        outcome: 'cancel-requested',
        job: {
          ...EXAMPLE_JOB,
          status: 'running',
          attempt: 1,
          cancelRequestedAt: '2026-01-01T12:00:05.000Z',
        },
      }),
    },
  },
  errors: ['not-found'],
  handle: async (call) => {
    const { api, c, caller } = call
    const known = await findJob(call)
    const change = await changeJob(api.table, { id: known.job.id, known }, (job) =>
      requestCancel(job, caller.tenant, api.clock.now()),
    )
    const job = change.ok ? change.stored.job : (change.job ?? known.job)
    if (change.ok && isEnded(job.status)) await sendEndOrLog(call, change.stored)
    const outcome = describeOutcome(change.ok, job)
    const status = outcome === 'cancel-requested' ? 202 : 200
    return c.json({ outcome, job: toJobView(job, api.clock.now()) }, status)
  },
})

function describeOutcome(changed: boolean, job: Job) {
  if (!isEnded(job.status)) return 'cancel-requested'
  return changed ? 'canceled' : 'already-ended'
}

/** The job has ended, so the answer does not depend on this: the reaper sends what was not sent. */
async function sendEndOrLog({ api, log }: Call, stored: StoredJob): Promise<void> {
  try {
    await sendEnd(api, stored)
  } catch (error) {
    log.warn('the end message of a job was not sent; the reaper will send it', {
      jobId: stored.job.id,
      error: String(error),
    })
  }
}
