import { z } from 'zod'
import { ROUTE_PLACES } from '../contract/route-places.ts'
import { defineRoute } from '../route.ts'

export const openapi = defineRoute({
  ...ROUTE_PLACES.openapi,
  group: 'service',
  summary: 'This document',
  description: 'OpenAPI 3.1, made from the schemas that the routes check with.',
  query: z.object({}),
  answers: {
    200: {
      description: 'The document.',
      content: { 'application/json': { schema: z.record(z.string(), z.unknown()) } },
    },
  },
  errors: [],
  handle: ({ api, c }) => c.json(api.document()),
})
