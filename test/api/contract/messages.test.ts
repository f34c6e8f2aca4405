import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { z } from 'zod'
import { queryPathSchema } from '../../../lib/api/contract/query-request.ts'
import { tenantSchema } from '../../../lib/api/contract/tenant.ts'
import { ROUTES } from '../../../lib/api/routes.ts'
import { checkWithSchema } from '../../../lib/parsing/parse-with-schema.ts'
import { propertyRuns } from '../../support/property-runs.ts'

/** What tells of a regular expression, or is a word of the schema library. */
const NOT_FOR_PEOPLE =
  /zod|regex|pattern|schema|\brecord\b|\benum\b|\bstring\b|boolean|undefined|\bNaN\b|invalid|expected|received|unrecognized|\(\?|\[\^|\\[dswu]|\{\d+,\d*\}|[a-z]-[zf]\]|\$\//i

function messagesOf(schema: z.ZodType, value: unknown): string[] {
  const checked = checkWithSchema(schema, value, 'body')
  if (checked.ok) return []
  return checked.mistakes.flatMap(({ problem, allowed }) => [problem, allowed ?? ''])
}

const anything = fc.oneof(
  fc.jsonValue(),
  fc.string({ maxLength: 12 }),
  fc.double(),
  fc.constantFrom('', '..', '/../x', 'a b', '\0', '_x', -1, 1e9, 0.5, 'x'.repeat(10_000)),
  fc.dictionary(fc.string({ maxLength: 8 }), fc.jsonValue(), { maxKeys: 60 }),
)

/** Any values under the names that a schema knows, and under others. */
function underNamesOf(schema: z.ZodType): fc.Arbitrary<unknown> {
  const shape = 'shape' in schema ? (schema.shape as Record<string, unknown>) : {}
  const requestOf = fc.record({ method: anything, path: anything, headers: anything })
  const limitsOf = fc.record({ runSeconds: anything, maxRetries: anything, graceSecond: anything })
  const values = fc.oneof({ weight: 4, arbitrary: anything }, requestOf, limitsOf)
  const names = Object.keys(shape).map((name) => [name, values] as const)
  const known = fc.record(Object.fromEntries(names), { requiredKeys: [] })
  return fc.oneof(
    anything,
    known,
    fc.tuple(known, fc.jsonValue()).map(([a, b]) => ({ ...a, b })),
  )
}

const SCHEMAS = ROUTES.flatMap(({ method, path, query, headers, body }) => {
  const json = body?.content['application/json']?.schema
  const parts = { query, headers, body: json }
  return Object.entries(parts).flatMap(([part, schema]) =>
    schema === undefined ? [] : [{ what: `${part} of ${method} ${path}`, schema }],
  )
})

describe('a mistake is told in words for people', () => {
  test.each<{ what: string; schema: z.ZodType }>([
    ...SCHEMAS,
    { what: 'path of a query', schema: queryPathSchema },
    { what: 'name of a tenant', schema: tenantSchema },
  ])('in the $what', ({ schema }) => {
    fc.assert(
      fc.property(underNamesOf(schema), (value) => {
        const telling = messagesOf(schema, value).filter((text) => NOT_FOR_PEOPLE.test(text))
        expect(telling).toEqual([])
      }),
      propertyRuns(200),
    )
  })
})
