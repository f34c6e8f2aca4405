import { z } from 'zod'
import { checkCommand, checkTaskType } from '../submit/check-job.ts'
import { idempotencyKeySchema, readIdempotency, REPLAYED_HEADER } from '../submit/idempotency.ts'
import { jobViewSchema } from '../contract/job-view-schema.ts'
import { type SubmitBody, submitBodySchema } from '../contract/submit-body.ts'
import { parseWithSchema } from '../../parsing/parse-with-schema.ts'
import { EXAMPLE_JOB } from '../openapi/examples.ts'
import { readBody, readJson } from '../read/read-body.ts'
import { ROUTE_PLACES } from '../contract/route-places.ts'
import { asJson, type Call, defineRoute } from '../route.ts'
import {
  type Accepted,
  acceptJob,
  answerAccepted,
  type Payload,
  type Submission,
} from '../submit/accept-job.ts'
import { DEFAULT_TENANT } from '../contract/tenant.ts'
import { pickChoices } from '../../job/job-choices.ts'
import type { QueryRequest } from '../../job/job.ts'
import { TASK_TYPE_FACTS } from '../../job/task-types.ts'
import { chooseTenant } from '../auth/access.ts'
import { findUpload } from '../submit/find-upload.ts'

export const submitJob = defineRoute({
  ...ROUTE_PLACES.submitJob,
  group: 'jobs',
  summary: 'Submit a job',
  description:
    'Once this has answered 201 the job is kept and reaches exactly one end, whatever is killed. Without an `Idempotency-Key` a repeated request is a second job.',
  headers: z.object({ 'Idempotency-Key': idempotencyKeySchema.optional() }),
  query: z.strictObject({}),
  body: {
    description: 'The job. Unknown keys are mistakes.',
    required: true,
    content: asJson(submitBodySchema, {
      taskType: 'command',
      command: 'python3 "$SCALABLE_JOB_SERVICE_DIR/train.py" --epochs 10',
      env: { EPOCHS: '10' },
      tags: { experiment: 'lr-3e4' },
    }),
  },
  answers: {
    201: {
      description: 'The job was accepted, or had been for the same key and body.',
      headers: {
        Location: 'Path of the job.',
        [REPLAYED_HEADER]: '`true` when an earlier answer is repeated.',
      },
      content: asJson(jobViewSchema, EXAMPLE_JOB),
    },
  },
  errors: [
    'invalid-request',
    'invalid-json',
    'unknown-task-type',
    'not-found',
    'idempotency-conflict',
    'payload-too-large',
    'too-many-requests',
  ],
  handle: async (call) => {
    const { bodyBytes } = call.api.service.intake
    const accepted = await call.api.inFlightLimit.within(call.c.req.raw, bodyBytes, () =>
      submit(call),
    )
    return answerAccepted(call, accepted)
  },
})

async function submit(call: Call): Promise<Accepted> {
  const body = await readBody(call.c.req.raw, call.api.service.intake.bodyBytes, call.api.clock)
  const json = parseBody(call, body)
  const idempotency = readIdempotency(call, ['POST /jobs', body])
  const submission = await toSubmission(call, json)
  return acceptJob(call, { ...submission, ...idempotency })
}

function parseBody({ api }: Call, body: Uint8Array) {
  const value = readJson(body)
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    checkTaskType(
      'taskType' in value ? value.taskType : undefined,
      api.service.taskTypes,
      'body.taskType',
    )
  }
  return parseWithSchema(submitBodySchema, value, {
    code: 'invalid-request',
    what: 'the body',
    root: 'body',
  })
}

/** A body of `POST /jobs` as a submission. */
async function toSubmission(call: Call, body: SubmitBody): Promise<Submission> {
  const { taskType } = body
  const tenant = chooseTenant(call.caller, body.tenant, 'body.tenant') ?? DEFAULT_TENANT
  const { payload, contentType } = await readPayload(call, body, tenant)
  const isCommand = TASK_TYPE_FACTS[taskType].input === 'command'
  if (isCommand) checkCommandPayload(payload)
  return {
    taskType,
    tenant,
    payload,
    ...(!isCommand && { request: makeRequest(body, contentType) }),
    choices: pickChoices(body),
  }
}

function checkCommandPayload(payload: Payload): void {
  if (payload.kind === 'bytes') checkCommand(payload.bytes, 'body')
  else if (payload.bytes === 0) checkCommand(new Uint8Array(), 'body.inputKey')
}

interface ReadPayload {
  readonly payload: Payload
  readonly contentType?: string
}

async function readPayload(call: Call, body: SubmitBody, tenant: string): Promise<ReadPayload> {
  const { command, input, inputBase64, inputKey } = body
  if (inputKey !== undefined) return { payload: await findUpload(call, inputKey, tenant) }
  if (inputBase64 !== undefined) return { payload: toBytes(Buffer.from(inputBase64, 'base64')) }
  const text = command ?? input
  if (text === undefined) return { payload: toBytes(Buffer.alloc(0)) }
  if (typeof text === 'string') {
    return { payload: toBytes(Buffer.from(text)), contentType: 'text/plain; charset=utf-8' }
  }
  return { payload: toBytes(Buffer.from(JSON.stringify(text))), contentType: 'application/json' }
}

function toBytes(bytes: Buffer): Payload {
  return { kind: 'bytes', bytes }
}

function makeRequest({ request }: SubmitBody, contentType: string | undefined): QueryRequest {
  const headers = { ...(contentType && { 'content-type': contentType }), ...request?.headers }
  return { method: request?.method ?? 'POST', path: request?.path ?? '/', headers }
}
