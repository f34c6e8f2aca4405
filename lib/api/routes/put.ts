import { z } from 'zod'
import { putAnswerSchema } from '../contract/answers.ts'
import { checkTaskType } from '../submit/check-job.ts'
import { idempotencyKeySchema } from '../submit/idempotency.ts'
import { putQuerySchema } from '../contract/put-query.ts'
import { EXAMPLE_PUT_ANSWERS } from '../openapi/examples.ts'
import { acceptPut, PUT_ERRORS } from '../put/accept-put.ts'
import { ROUTE_PLACES } from '../contract/route-places.ts'
import { defineRoute } from '../route.ts'

export const put = defineRoute({
  ...ROUTE_PLACES.put,
  group: 'PAI-EAS',
  summary: 'Put a job, as PAI-EAS takes it',
  description:
    'The body is the job: a shell command line (`taskType=command`) or the body of an inference request (`taskType=query`, sent to `/` of the model server with the headers of this request). Query parameters other than `taskType` are tags, unless they begin with `_`. The SDKs of PAI-EAS send this.',
  params: z.object({ service: z.string().meta({ example: 'digits' }) }),
  headers: z.object({ 'Idempotency-Key': idempotencyKeySchema.optional() }),
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
      headers: {
        'X-Eas-Queueservice-Request-Id': 'The job id.',
        'Idempotency-Replayed': '`true` when an earlier answer is repeated.',
      },
      content: {
        'text/plain': { schema: z.string(), example: EXAMPLE_PUT_ANSWERS.text },
        'application/json': { schema: putAnswerSchema, example: EXAMPLE_PUT_ANSWERS.json },
      },
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
