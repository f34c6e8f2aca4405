import { Readable } from 'node:stream'
import { z } from 'zod'
import { EXAMPLE_JOB_ID, jobViewSchema, resultSummarySchema } from '../contract/job-view-schema.ts'
import { makeLinks, toJobView, toResultSummary } from '../contract/job-view.ts'
import { waitSecondsParameter } from '../../parsing/value-kinds.ts'
import { ServiceError } from '../../registry/errors.ts'
import { safeContentType } from '../../registry/http-answers.ts'
import { isEnded, type Job, type ResultRef } from '../../job/job.ts'
import { EXAMPLE_JOB } from '../openapi/examples.ts'
import { findJob, jobParams } from '../find-job.ts'
import { pollUntil } from '../poll-until.ts'
import { ROUTE_PLACES } from '../contract/route-places.ts'
import { asJson, type Call, defineRoute } from '../route.ts'

/** A Lambda answers with 6 MB at most, in which bytes stand as base64. */
const MAX_UNSTREAMED_BYTES = 4_000_000
const LINK_SECONDS = 900
const RETRY_AFTER_SECONDS = 2

const resultQuery = z.strictObject({ waitSeconds: waitSecondsParameter('for the end of the job') })

export const result = defineRoute({
  ...ROUTE_PLACES.result,
  group: 'jobs',
  summary: 'What a job came to',
  description:
    "Of a query: the body of the model server's answer, with its content type. Of a command, and of a query without an answer: how it ended, as JSON. All ended jobs answer 200, whether they succeeded or not: `X-Scalable-Job-Status` says so. A job that has not ended answers 202; ask again.",
  params: jobParams,
  query: resultQuery,
  answers: {
    200: {
      description: 'The job has ended.',
      headers: {
        'X-Scalable-Job-Status': '`succeeded`, `failed` or `canceled`.',
        'X-Scalable-Job-Status-Code': 'HTTP status of the model server (query).',
      },
      content: {
        'application/json': {
          schema: z.union([
            resultSummarySchema,
            z.unknown().describe('What the model server said, where that is JSON.'),
          ]),
          example: {
            jobId: EXAMPLE_JOB_ID,
            taskType: 'command',
            status: 'succeeded',
            attempt: 1,
            reason: 'completed',
            message: 'the command exited with 0',
            exitCode: 0,
            endedAt: '2026-01-01T12:10:00.000Z',
            artifacts: { files: 2, bytes: 1048 },
            links: makeLinks(EXAMPLE_JOB_ID),
          },
        },
        '*/*': { schema: z.string(), example: '{"digit":7}' },
      },
    },
    202: {
      description: 'It has not ended yet: the job as it stands.',
      headers: { 'Retry-After': 'Seconds after which to ask again.' },
      content: asJson(jobViewSchema, EXAMPLE_JOB),
    },
    303: {
      description: 'The answer is too large for this way; it is at `Location`, without a token.',
      headers: { Location: 'Link that downloads the answer.' },
    },
  },
  errors: ['invalid-request', 'not-found'],
  handle: async (call, { waitSeconds }) => {
    const { api, c } = call
    const job = await waitForEnd(call, waitSeconds)
    if (!isEnded(job.status)) {
      c.header('Retry-After', String(RETRY_AFTER_SECONDS))
      return c.json(toJobView(job, api.clock.now()), 202)
    }
    c.header('X-Scalable-Job-Status', job.status)
    const code = job.end?.statusCode
    if (code !== undefined) c.header('X-Scalable-Job-Status-Code', String(code))
    if (job.result === undefined) return c.json(toResultSummary(job))
    return answerResult(call, job.result)
  },
})

async function waitForEnd(call: Call, waitSeconds: number): Promise<Job> {
  const { api, c } = call
  let found: Job | undefined = (await findJob(call)).job
  const poll = { clock: api.clock, waitSeconds, signal: c.req.raw.signal }
  const ask = async () => {
    const job: Job = found ?? (await findJob(call)).job
    found = undefined
    return job
  }
  return pollUntil(poll, ask, (job) => isEnded(job.status))
}

/** Whatever the model said is data to us: the policy on every answer keeps it from being run. */
async function answerResult(call: Call, { key, bytes, contentType }: ResultRef): Promise<Response> {
  const { api, c } = call
  if (bytes > MAX_UNSTREAMED_BYTES && !api.canStream) {
    return c.redirect(await api.files.downloadLink(key, LINK_SECONDS), 303)
  }
  const file = await api.files.stream(key)
  if (file === undefined) throw resultGone()
  c.header('Content-Type', safeContentType(contentType))
  c.header('Content-Length', String(file.info.bytes))
  return c.body(Readable.toWeb(file.body) as ReadableStream<Uint8Array>)
}

function resultGone(): ServiceError {
  return new ServiceError('not-found', 'the answer of this job is no longer kept', {
    details: [{ path: 'job.result', problem: 'is no longer kept' }],
  })
}
