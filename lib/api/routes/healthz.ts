import { z } from 'zod'
import { healthSchema } from '../contract/answers.ts'
import { ROUTE_PLACES } from '../contract/route-places.ts'
import { asJson, defineRoute } from '../route.ts'

export const healthz = defineRoute({
  ...ROUTE_PLACES.healthz,
  group: 'service',
  summary: 'Whether the API answers',
  description: 'For load balancers and start scripts. Reads nothing, so it says nothing of stores.',
  query: z.object({}),
  answers: {
    200: {
      description: 'It does.',
      content: asJson(healthSchema, { status: 'ok', service: 'digits', version: '0.1.0' }),
    },
  },
  errors: [],
  handle: ({ api, c }) => c.json({ status: 'ok', service: api.service.name, version: api.version }),
})
