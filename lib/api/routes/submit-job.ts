import { z } from 'zod'
import { checkTaskType } from '../contract/check-task-type.ts'
import { idempotencyKeySchema, REPLAYED_HEADER } from '../contract/idempotency-key.ts'
import { jobViewSchema } from '../contract/job-view-schema.ts'
import { toJobView } from '../contract/job-view.ts'
import { submitBodySchema } from '../contract/submit-body.ts'
import { parseWithSchema } from '../../parsing/parse-with-schema.ts'
import { EXAMPLE_JOB } from '../openapi/examples.ts'
import { readBody } from '../read/read-body.ts'
import { readJson } from '../read/read-json.ts'
import { ROUTE_PLACES } from '../contract/route-places.ts'
import { type Call, defineRoute } from '../route.ts'
import { type Accepted, acceptJob } from '../submit/accept-job.ts'
import { readIdempotency } from '../submit/read-idempotency.ts'
import { toSubmission } from '../submit/to-submission.ts'

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
    content: {
      'application/json': {
        schema: submitBodySchema,
        example: {
          taskType: 'command',
          command: 'python3 "$SCALABLE_JOB_SERVICE_DIR/train.py" --epochs 10',
          env: { EPOCHS: '10' },
          tags: { experiment: 'lr-3e4' },
        },
      },
    },
  },
  answers: {
    201: {
      description: 'The job was accepted, or had been for the same key and body.',
      headers: {
        Location: 'Path of the job.',
        [REPLAYED_HEADER]: '`true` when an earlier answer is repeated.',
      },
      content: { 'application/json': { schema: jobViewSchema, example: EXAMPLE_JOB } },
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
    const { job, isReplay } = await call.api.inFlightLimit.within(call.c.req.raw, bodyBytes, () =>
      submit(call),
    )
    call.c.header('Location', `/jobs/${job.id}`)
    if (isReplay) call.c.header(REPLAYED_HEADER, 'true')
    return call.c.json(toJobView(job, call.api.clock.now()), 201)
  },
})

async function submit(call: Call): Promise<Accepted> {
  const body = await readBody(call.c.req.raw, call.api.service.intake.bodyBytes, call.api.clock)
  const json = parseBody(call, body)
  const { idempotency } = readIdempotency(call, ['POST /jobs', body])
  const submission = await toSubmission(call, json)
  return acceptJob(call, { ...submission, ...(idempotency && { idempotency }) })
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
