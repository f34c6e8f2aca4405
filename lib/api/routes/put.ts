import { z } from 'zod'
import { putAnswerSchema } from '../contract/answers.ts'
import { checkTaskType } from '../submit/check-job.ts'
import { idempotencyKeySchema } from '../submit/idempotency.ts'
import { putPathQuerySchema, putQuerySchema } from '../contract/put-query.ts'
import { ServiceError } from '../../registry/errors.ts'
import { EXAMPLE_PUT_ANSWERS } from '../openapi/examples.ts'
import { acceptPut, PUT_ERRORS } from '../put/accept-put.ts'
import { ROUTE_PLACES } from '../contract/route-places.ts'
import { type Call, defineRoute } from '../route.ts'

const PUT_HEADERS = z.object({ 'Idempotency-Key': idempotencyKeySchema.optional() })
const PUT_ANSWER_HEADERS = {
  'X-Eas-Queueservice-Request-Id': 'The job id.',
  'Idempotency-Replayed': '`true` when an earlier answer is repeated.',
}
const PUT_CONTENT = {
  'text/plain': { schema: z.string(), example: EXAMPLE_PUT_ANSWERS.text },
  'application/json': { schema: putAnswerSchema, example: EXAMPLE_PUT_ANSWERS.json },
}

export const put = defineRoute({
  ...ROUTE_PLACES.put,
  group: 'PAI-EAS',
  summary: 'Put a job, as PAI-EAS takes it',
  description:
    'The body is the job: a shell command line (`taskType=command`) or the body of an inference request (`taskType=query`, sent to `/` of the model server with the headers of this request). Query parameters other than `taskType` are tags, unless they begin with `_`. The SDKs of PAI-EAS send this.',
  params: z.object({ service: z.string().meta({ example: 'digits' }) }),
  headers: PUT_HEADERS,
  query: putQuerySchema,
  body: {
    description: 'Any bytes.',
    required: true,
    content: {
      'application/octet-stream': {
        schema: z.string(),
        example: 'python3 "$SCALABLE_JOB_SERVICE_DIR/train.py" --epochs 10',
      },
    },
  },
  answers: {
    200: {
      description:
        'Accepted. The job id alone, without a line end; as JSON where `Accept` names application/json.',
      headers: PUT_ANSWER_HEADERS,
      content: PUT_CONTENT,
    },
  },
  errors: PUT_ERRORS,
  handle: (call, query) =>
    acceptPut(call, {
      query,
      path: '/',
      chooseTaskType: (given) => checkTaskType(given, call.api.service.taskTypes, 'query.taskType'),
    }),
})

const MAX_PATH_CHARS = 900

export const putPath = defineRoute({
  ...ROUTE_PLACES.putPath,
  group: 'PAI-EAS',
  summary: 'Put a query for a path of the container',
  description:
    'As the put above, but sent to `/{path}` of the model server (any depth), with the query string less `taskType` and what begins with `_`. What is left of the query string are also the tags. `taskType` may be absent and is then `query`. The path `sink` is kept for the output queue.',
  params: z.object({
    service: z.string().meta({ example: 'digits' }),
    path: z
      .string()
      .max(MAX_PATH_CHARS)
      .meta({ pattern: String.raw`^(?!(?:.*[/\\])?\.{1,2}(?:[/\\]|$))`, example: 'v1/classify' }),
  }),
  headers: PUT_HEADERS,
  query: putPathQuerySchema,
  body: {
    description: 'Body of the inference request.',
    required: false,
    content: {
      'application/octet-stream': { schema: z.string(), example: '{"pixels":[0,16,3]}' },
    },
  },
  answers: {
    200: {
      description: 'Accepted, as for the put above.',
      headers: PUT_ANSWER_HEADERS,
      content: PUT_CONTENT,
    },
  },
  errors: [...PUT_ERRORS, 'invalid-path'],
  handle: (call, query) =>
    acceptPut(call, {
      query,
      path: readContainerPath(call),
      chooseTaskType: (given) => {
        const allowed = call.api.service.taskTypes.filter((each) => each === 'query')
        return checkTaskType(given ?? 'query', allowed, 'query.taskType')
      },
    }),
})

/** As it was sent, percent escapes and all: the model server decodes it. */
function readContainerPath({ c }: Call): string {
  const path = new URL(c.req.url).pathname.replace(/^\/api\/predict\/[^/]+/, '')
  if (path !== '/sink') return path
  throw new ServiceError('not-found', 'nothing can be put into the output queue', {
    details: [
      {
        path: 'path.path',
        problem: 'is the output queue, which only the workers write',
        got: '"sink"',
        allowed: 'GET /output to read it',
      },
    ],
  })
}
