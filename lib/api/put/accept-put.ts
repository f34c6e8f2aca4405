import { TASK_TYPE_FACTS } from '../../job/task-types.ts'
import type { z } from 'zod'
import type { PutAnswer } from '../contract/answers.ts'
import { readIdempotency, REPLAYED_HEADER } from '../submit/idempotency.ts'
import { makeLinks } from '../contract/job-view.ts'
import { type PutQuery, type putQuerySchema, splitPutQuery } from '../contract/put-query.ts'
import { pickQueryHeaders, queryPathSchema } from '../contract/query-request.ts'
import { type JobChoices, tagsSchema } from '../../job/job-choices.ts'
import { DEFAULT_TENANT } from '../contract/tenant.ts'
import { type ErrorCode, ServiceError, showValue } from '../../registry/errors.ts'
import type { Job, QueryRequest, TaskType } from '../../job/job.ts'
import { parseWithSchema } from '../../parsing/parse-with-schema.ts'
import { chooseTenant } from '../auth/access.ts'
import { readBody } from '../read/read-body.ts'
import type { Call } from '../route.ts'
import { type Accepted, acceptJob } from '../submit/accept-job.ts'
import { checkCommand } from '../submit/check-job.ts'

export const PUT_ERRORS: readonly ErrorCode[] = [
  'invalid-request',
  'unknown-task-type',
  'not-found',
  'idempotency-conflict',
  'payload-too-large',
  'too-many-requests',
]

/** Every answer to a put carries it: Python's client stumbles without (PAI-EAS Python SDK). */
const REQUEST_ID_HEADER = 'X-Eas-Queueservice-Request-Id'

export interface Put {
  readonly query: z.output<typeof putQuerySchema>
  /** Path of the container, for a query. */
  readonly path: string
  readonly chooseTaskType: (given: string | undefined) => TaskType
}

/** A put of PAI-EAS: the body is the payload as it stands. */
export async function acceptPut(call: Call, put: Put): Promise<Response> {
  checkService(call)
  const query = splitPutQuery(put.query)
  refuseEnd(query)
  const taskType = put.chooseTaskType(query.taskType)
  const rule = { code: 'invalid-request', what: 'the query string', root: 'query' } as const
  const tags = parseWithSchema(tagsSchema, query.tags, rule)
  const isRequest = TASK_TYPE_FACTS[taskType].input === 'request-body'
  const target = isRequest ? makeRequest(call, put) : {}
  const { bodyBytes } = call.api.service.intake
  const accepted = await call.api.inFlightLimit.within(call.c.req.raw, bodyBytes, () =>
    acceptBody(call, { taskType, tags, target }),
  )
  if (accepted.isReplay) call.c.header(REPLAYED_HEADER, 'true')
  return answerPut(call, accepted.job, query.ignored)
}

async function acceptBody(
  call: Call,
  { taskType, tags, target }: { taskType: TaskType; tags: JobChoices['tags']; target: Target },
): Promise<Accepted> {
  const bytes = await readBody(call.c.req.raw, call.api.service.intake.bodyBytes, call.api.clock)
  if (TASK_TYPE_FACTS[taskType].input === 'command') checkCommand(bytes, 'body')
  const identity = JSON.stringify([taskType, tags, target])
  return acceptJob(call, {
    taskType,
    choices: { tags },
    ...target,
    tenant: chooseTenant(call.caller, undefined, '') ?? DEFAULT_TENANT,
    payload: { kind: 'bytes', bytes },
    ...readIdempotency(call, ['put', identity, bytes]),
  })
}

/** The number alone, for Go and Java parse the whole body; as JSON for those who ask. */
function answerPut({ c }: Call, job: Job, ignored: PutQuery['ignored']): Response {
  const { id, taskType } = job
  c.header(REQUEST_ID_HEADER, id)
  if (c.req.header('Accept')?.includes('application/json') !== true) return c.text(id)
  const answer: PutAnswer = {
    jobId: id,
    index: id,
    requestId: id,
    taskType,
    links: makeLinks(id),
    ignored: [...ignored],
  }
  return c.json(answer)
}

interface Target {
  readonly request?: QueryRequest
}

function makeRequest({ c }: Call, { path }: Put): Target {
  const rule = { code: 'invalid-path', what: 'the path of the container', root: 'path' } as const
  const whole = parseWithSchema(queryPathSchema, path + keptSearch(c.req.url, path), rule)
  return { request: { method: 'POST', path: whole, headers: pickQueryHeaders(c.req.raw.headers) } }
}

/** The query string that a path of the container gets to see. */
function keptSearch(url: string, path: string): string {
  if (path === '/') return ''
  const kept = [...new URL(url).searchParams].filter(
    ([name]) => name !== 'taskType' && !name.startsWith('_'),
  )
  return kept.length === 0 ? '' : `?${new URLSearchParams(kept).toString()}`
}

function checkService({ api, c }: Call): void {
  const given = c.req.param('service')
  const { name } = api.service
  if (given === name) return
  throw new ServiceError('not-found', `this is not the service ${showValue(given)} but ${name}`, {
    details: [
      { path: 'path.service', problem: 'is not served here', got: showValue(given), allowed: name },
    ],
  })
}

/** "End of stream" of PAI-EAS looks like a put with an empty body and must not become a job. */
function refuseEnd({ ignored }: PutQuery): void {
  if (!ignored.some(({ name }) => name === '_eos_')) return
  throw new ServiceError('invalid-request', 'a queue of Scalable Job cannot be ended', {
    details: [{ path: 'query._eos_', problem: 'is not offered here', allowed: 'a put without it' }],
  })
}
