import { z } from 'zod'
import { ackAnswerSchema, ackBodySchema } from '../contract/answers.ts'
import { ServiceError } from '../../registry/errors.ts'
import { parseWithSchema } from '../../parsing/parse-with-schema.ts'
import { readBody, readJson } from '../read/read-body.ts'
import { refuseSingleTenant } from '../auth/access.ts'
import { ROUTE_PLACES } from '../contract/route-places.ts'
import { asJson, defineRoute } from '../route.ts'

const MAX_BODY_BYTES = 1_048_576

export const ackOutput = defineRoute({
  ...ROUTE_PLACES.ackOutput,
  group: 'output',
  summary: 'Acknowledge messages',
  description: 'They do not come again. A receipt that has lapsed, or comes twice, is no error.',
  query: z.strictObject({}),
  body: {
    description: 'Receipts of GET /output.',
    required: true,
    content: asJson(ackBodySchema, { receipts: ['AQEB…'] }),
  },
  answers: {
    200: {
      description: 'Taken.',
      content: asJson(ackAnswerSchema, { acknowledged: 1 }),
    },
  },
  errors: ['invalid-request', 'invalid-json', 'not-found', 'payload-too-large'],
  handle: async ({ api, c, caller }) => {
    refuseSingleTenant(caller)
    const json = readJson(await readBody(c.req.raw, MAX_BODY_BYTES, api.clock))
    const rule = { code: 'invalid-request', what: 'the body', root: 'body' } as const
    const { receipts } = parseWithSchema(ackBodySchema, json, rule)
    await api.queues.delete('output', receipts).catch(refuseMadeUp)
    return c.json({ acknowledged: receipts.length })
  },
})

/** A queue may tell a text that never was a receipt (RangeError) from one that has lapsed. */
function refuseMadeUp(error: unknown): never {
  if (!(error instanceof RangeError)) throw error
  const problem = 'has a text that is no receipt'
  throw new ServiceError('not-found', `body.receipts ${problem}`, {
    details: [{ path: 'body.receipts', problem, allowed: 'receipts of GET /output' }],
    cause: error,
  })
}
