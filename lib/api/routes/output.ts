import { z } from 'zod'
import { outputAnswerSchema } from '../contract/answers.ts'
import { EXAMPLE_JOB_ID } from '../contract/job-view-schema.ts'
import { waitSecondsParameter, wholeNumber } from '../../parsing/value-kinds.ts'
import { toTimestamp } from '../../job/job.ts'
import type { Message } from '../../ports/queues.ts'
import { refuseSingleTenant } from '../auth/access.ts'
import { ROUTE_PLACES } from '../contract/route-places.ts'
import { asJson, defineRoute } from '../route.ts'

const outputQuery = z.strictObject({
  max: wholeNumber({ min: 1, max: 10 })
    .default(10)
    .meta({ description: 'Most messages of an answer.', example: 10 }),
  waitSeconds: waitSecondsParameter('for a first message'),
  visibilitySeconds: wholeNumber({ min: 0, max: 43_200 }).default(60).meta({
    description: 'A message that is not acknowledged within this time comes again.',
    example: 60,
  }),
})

export const output = defineRoute({
  ...ROUTE_PLACES.output,
  group: 'output',
  summary: 'Messages of the output queue',
  description:
    'Ends of jobs with their results, and log lines where `logToQueue` is on. At least once each, so know them by `body.id`. The queue is one for the service: only the admin may read it, or the only tenant.',
  query: outputQuery,
  answers: {
    200: {
      description: 'Messages, perhaps none.',
      content: asJson(outputAnswerSchema, {
        messages: [
          {
            receipt: 'AQEB…',
            receiveCount: 1,
            sentAt: '2026-01-01T12:10:00.000Z',
            body: { id: `${EXAMPLE_JOB_ID}:1:end`, kind: 'end', status: 'succeeded' },
          },
        ],
      }),
    },
  },
  errors: ['invalid-request', 'not-found'],
  handle: async ({ api, c, caller }, how) => {
    refuseSingleTenant(caller)
    const received = await api.queues.receive('output', { ...how, signal: c.req.raw.signal })
    return c.json({ messages: received.map(toMessageView) })
  },
})

function toMessageView({ receipt, receiveCount, sentAtMs, body }: Message) {
  return { receipt, receiveCount, sentAt: toTimestamp(sentAtMs), body: readMessageBody(body) }
}

/** JSON; a message that somebody else put there is passed on as its text. */
function readMessageBody(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return body
  }
}
