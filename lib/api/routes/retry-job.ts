import { z } from 'zod'
import { checkTaskType } from '../submit/check-job.ts'
import { idempotencyKeySchema, readIdempotency, REPLAYED_HEADER } from '../submit/idempotency.ts'
import { EXAMPLE_JOB_ID, jobViewSchema } from '../contract/job-view-schema.ts'
import { ServiceError, showValue } from '../../registry/errors.ts'
import { isEnded, type Job } from '../../job/job.ts'
import { pickChoices } from '../../job/job-choices.ts'
import { readInput } from '../../job/store/job-input.ts'
import { EXAMPLE_JOB } from '../openapi/examples.ts'
import { findJob, jobParams } from '../find-job.ts'
import { ROUTE_PLACES } from '../contract/route-places.ts'
import { asJson, type Call, defineRoute } from '../route.ts'
import { acceptJob, answerAccepted, type Payload, type Submission } from '../submit/accept-job.ts'

export const retryJob = defineRoute({
  ...ROUTE_PLACES.retryJob,
  group: 'jobs',
  summary: 'Run an ended job again',
  description:
    'Makes a new job with the same input, limits and tags, whose `retryOf` names the old one.',
  params: jobParams,
  headers: z.object({ 'Idempotency-Key': idempotencyKeySchema.optional() }),
  query: z.strictObject({}),
  answers: {
    201: {
      description: 'The new job.',
      headers: {
        Location: 'Path of the new job.',
        [REPLAYED_HEADER]: '`true` when an earlier answer is repeated.',
      },
      content: asJson(jobViewSchema, { ...EXAMPLE_JOB, retryOf: EXAMPLE_JOB_ID }),
    },
  },
  errors: [
    'invalid-request',
    'unknown-task-type',
    'not-found',
    'job-not-ended',
    'idempotency-conflict',
    'too-many-requests',
  ],
  handle: async (call) => {
    const { job } = await findJob(call)
    const submission = await toRetry(call, job)
    const idempotency = readIdempotency(call, ['POST /jobs/{id}/retry', job.id])
    return answerAccepted(call, await acceptJob(call, { ...submission, ...idempotency }))
  },
})

async function toRetry(call: Call, job: Job): Promise<Submission> {
  if (!isEnded(job.status)) throw notEnded(job)
  checkTaskType(job.taskType, call.api.service.taskTypes, 'job.taskType')
  const { taskType, tenant, request } = job
  return {
    taskType,
    tenant,
    choices: pickChoices(job),
    ...(request && { request }),
    payload: await readPayload(call, job),
    retryOf: job.id,
  }
}

/** A file is named again, not copied: files of jobs are never changed. */
async function readPayload({ api }: Call, { id, input }: Job): Promise<Payload> {
  if (input.kind === 'file') {
    const info = await api.files.info(input.key)
    if (info === undefined) throw inputGone(id)
    return input
  }
  const bytes = await readInput(api.table, id)
  if (bytes === undefined) throw inputGone(id)
  return { kind: 'bytes', bytes }
}

function notEnded({ id, status }: Job): ServiceError {
  return new ServiceError('job-not-ended', `job ${id} is ${status}`, {
    details: [
      {
        path: 'job.status',
        problem: 'has not ended',
        got: showValue(status),
        allowed: 'succeeded, failed, canceled',
      },
    ],
  })
}

function inputGone(id: string): ServiceError {
  return new ServiceError('not-found', `the input of job ${id} is no longer kept`, {
    details: [{ path: 'job.input', problem: 'is no longer kept' }],
  })
}
