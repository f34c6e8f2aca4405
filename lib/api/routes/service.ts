import { z } from 'zod'
import { serviceViewSchema } from '../contract/service-view.ts'
import { EXAMPLE_SERVICE } from '../openapi/examples.ts'
import { observeService } from '../observe-service.ts'
import { ROUTE_PLACES } from '../contract/route-places.ts'
import { defineRoute } from '../route.ts'

export const service = defineRoute({
  ...ROUTE_PLACES.service,
  group: 'service',
  summary: 'How the service stands',
  description:
    "Queues, workers, fleet, and the scaler's last decisions with their reasons. What cannot be read just now is left out and named in `notObserved`.",
  query: z.strictObject({
    replay: z
      .enum(['true'])
      .optional()
      .describe('`true` adds to each decision the observation and memory that make it again.'),
  }),
  answers: {
    200: {
      description: 'What could be observed.',
      content: { 'application/json': { schema: serviceViewSchema, example: EXAMPLE_SERVICE } },
    },
  },
  errors: ['invalid-request'],
  handle: async (call, { replay }) => call.c.json(await observeService(call, replay === 'true')),
})
