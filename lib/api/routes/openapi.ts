import { z } from 'zod'
import { defineRoute } from '../route.ts'

export const openapi = defineRoute({
  method: 'get',
  path: '/openapi.json',
  access: 'open',
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
