import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { errorsOf } from '../../lib/api/openapi/openapi-document.ts'
import { patternOf } from '../../lib/api/route.ts'
import { ROUTES } from '../../lib/api/routes.ts'
import { errorBodySchema } from '../../lib/api/contract/answers.ts'
import { ERRORS } from '../../lib/registry/errors.ts'
import { anApi, type TestApi } from './an-api.ts'

let api: TestApi
let document: Document
beforeAll(async () => {
  api = anApi()
  const response = await api.send('/openapi.json', { token: '' })
  document = documentSchema.parse(await response.json())
})
afterAll(() => api.close())

const contentSchema = z.record(
  z.string(),
  z.looseObject({
    schema: z.unknown(),
    example: z.unknown().optional(),
    examples: z.record(z.string(), z.object({ value: z.unknown() })).optional(),
  }),
)
const responseSchema = z.object({
  description: z.string().min(1),
  headers: z.record(z.string(), z.object({ description: z.string().min(1) })),
  content: contentSchema.optional(),
})
const operationSchema = z.looseObject({
  operationId: z.string(),
  summary: z.string().min(1),
  description: z.string().min(1),
  tags: z.array(z.string()).length(1),
  security: z.array(z.record(z.string(), z.array(z.string()))),
  parameters: z
    .array(z.looseObject({ name: z.string(), in: z.enum(['path', 'query', 'header']) }))
    .optional(),
  requestBody: z.looseObject({ content: contentSchema }).optional(),
  responses: z.record(z.string().regex(/^[1-5]\d\d$/), responseSchema),
})
const documentSchema = z.looseObject({
  openapi: z.literal('3.1.0'),
  info: z.looseObject({ title: z.string(), version: z.string() }),
  paths: z.record(z.string().startsWith('/'), z.record(z.string(), operationSchema)),
  components: z.looseObject({
    schemas: z.record(z.string(), z.unknown()),
    securitySchemes: z.record(z.string(), z.unknown()),
  }),
})
type Document = z.infer<typeof documentSchema>

describe('GET /openapi.json', () => {
  test('every route of the app is in it, and nothing else', () => {
    const served = api.app.routes
      .filter(({ method, path }) => method !== 'ALL' && path !== '/*')
      .map(({ method, path }) => `${method} ${path}`)
    const documented = ROUTES.map((route) => `${route.method.toUpperCase()} ${patternOf(route)}`)
    expect(documented.toSorted()).toEqual(served.toSorted())
    for (const { method, path } of ROUTES) expect(document.paths[path]?.[method]).toBeDefined()
    const count = Object.values(document.paths).flatMap((path) => Object.keys(path)).length
    expect(count).toBe(ROUTES.length)
  })

  test('operation ids are unique, references lead somewhere, path parameters are declared', () => {
    const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.values(methods).map((operation) => ({ path, operation })),
    )
    const ids = operations.map(({ operation }) => operation.operationId)
    expect(new Set(ids).size).toBe(ids.length)
    for (const { path, operation } of operations) {
      const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name)
      const declared = (operation.parameters ?? [])
        .filter((parameter) => parameter.in === 'path')
        .map(({ name }) => name)
      expect(declared.toSorted()).toEqual(inPath.toSorted())
    }
    for (const [, name = ''] of JSON.stringify(document).matchAll(
      /#\/components\/schemas\/(\w+)/g,
    )) {
      expect(document.components.schemas).toHaveProperty(name)
    }
  })

  test.each(ROUTES.map((route) => [`${route.method} ${route.path}`, route] as const))(
    '%s: statuses, errors and security are documented',
    (_, route) => {
      const operation = document.paths[route.path]?.[route.method]
      const statuses = Object.keys(route.answers)
      const errors = errorsOf(route).map((code) => String(ERRORS[code].status))
      expect(Object.keys(operation?.responses ?? {}).toSorted()).toEqual(
        [...new Set([...statuses, ...errors])].toSorted(),
      )
      expect(operation?.security.length === 0).toBe(route.access === 'open')
      for (const [status, response] of Object.entries(operation?.responses ?? {})) {
        expect(response.headers).toHaveProperty('X-Request-Id')
        if (Number(status) < 400) continue
        const examples = response.content?.['application/json']?.examples ?? {}
        expect(Object.keys(examples).length).toBeGreaterThan(0)
        for (const { value } of Object.values(examples)) errorBodySchema.parse(value)
      }
    },
  )

  test('every example fits its schema', () => {
    const contents = ROUTES.flatMap(({ answers, body }) =>
      [...Object.values(answers).map(({ content }) => content), body?.content].flatMap((content) =>
        Object.values(content ?? {}),
      ),
    )
    const mistakes = contents
      .filter(({ example }) => example !== undefined)
      .flatMap(({ schema, example }) => schema.safeParse(example).error?.issues ?? [])
    expect(mistakes).toEqual([])
  })

  test('a documented example of a submit is accepted as it stands', async () => {
    const example = document.paths['/jobs']?.['post']?.requestBody?.content['application/json']
    const response = await api.post('/jobs', example?.example)
    expect(response.status).toBe(201)
    const schema = ROUTES.find(({ path }) => path === '/jobs')?.answers[201]?.content
    schema?.['application/json']?.schema.parse(await response.json())
  })
})
