import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ROUTES } from '../../lib/api/routes.ts'
import { anEnded } from './a-life.ts'
import { anApi, clockFromNoon, type TestApi, TOKEN } from './an-api.ts'
import { propertyRuns } from '../support/property-runs.ts'

let api: TestApi
beforeAll(async () => {
  api = anApi({ clock: clockFromNoon() })
  await api.keep(anEnded())
})
afterAll(() => api.close())

const JOB_ID = '3711718195200000001'

const segment = fc.oneof(
  fc.constantFrom(JOB_ID, 'digits', '..', '%2e%2e', '%zz', '%00', '', 'sink', '9'.repeat(19)),
  fc
    .string({ maxLength: 20, unit: 'binary' })
    .map((text) => encodeURIComponent(text.toWellFormed())),
)
const path = fc
  .tuple(fc.constantFrom(...ROUTES.map((route) => route.path)), fc.array(segment, { minLength: 3 }))
  .map(([template, segments]) => {
    let next = 0
    return template.replaceAll(/\{\w+\}/g, () => segments[next++] ?? 'x')
  })

const names = ['taskType', 'limit', 'cursor', 'tag', 'status', 'path', 'format', 'stream', 'max']
const search = fc
  .array(
    fc.tuple(
      fc.oneof(fc.constantFrom(...names, '_priority_', '__proto__'), fc.string({ maxLength: 8 })),
      fc.oneof(
        fc.constantFrom('command', 'query', '1', '-1', '1:0000000000', 'a:b', '../x'),
        fc.string({ maxLength: 12 }),
      ),
    ),
    { maxLength: 4 },
  )
  .map((pairs) => new URLSearchParams(pairs).toString())

const jobBody = fc.record(
  {
    taskType: fc.constantFrom('command', 'query', 'x', 1),
    command: fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.jsonValue()),
    input: fc.jsonValue(),
    inputBase64: fc.oneof(fc.base64String(), fc.string()),
    inputKey: fc.oneof(fc.constant('uploads/default/1'), fc.string()),
    request: fc.oneof(
      fc.jsonValue(),
      fc.record({ path: fc.string(), headers: fc.dictionary(fc.string(), fc.string()) }),
    ),
    env: fc.dictionary(fc.string(), fc.oneof(fc.string(), fc.jsonValue())),
    tags: fc.dictionary(fc.string(), fc.string()),
    limits: fc.oneof(fc.jsonValue(), fc.record({ runSeconds: fc.double() })),
    retry: fc.jsonValue(),
    checkpointSeconds: fc.oneof(fc.double(), fc.jsonValue()),
    logToQueue: fc.oneof(fc.boolean(), fc.jsonValue()),
    receipts: fc.array(fc.string()),
  },
  { requiredKeys: [] },
)
const body = fc.oneof(
  fc.uint8Array({ maxLength: 200 }),
  fc.json({ maxDepth: 4 }),
  jobBody.map((value) => JSON.stringify(value)),
)

const headers = fc.record(
  {
    'Idempotency-Key': fc.constantFrom('a', 'b', 'with space', 'k'.repeat(300)),
    Accept: fc.constantFrom('application/json', 'text/plain', '*/*', 'x'),
    'Last-Event-ID': fc.constantFrom('1:0000000000', 'junk'),
    'X-Request-Id': fc.constantFrom('fine', 'n o t'),
    'Content-Length': fc.constantFrom('5', '-1', 'abc', '99999999999'),
  },
  { requiredKeys: [] },
)

test('no input makes a fault: every answer is below 500 and has the one shape', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.record({ path, search, body, headers, method: fc.constantFrom('GET', 'POST', 'PUT') }),
      async (input) => {
        const response = await api.app.request(`${input.path}?${input.search}`, {
          method: input.method,
          headers: { Authorization: TOKEN, ...(input.headers as Record<string, string>) },
          ...(input.method !== 'GET' && { body: input.body as string }),
        })
        const text = await response.text()
        expect(response.status < 500 ? '' : text).toBe('')
        expect(response.headers.get('X-Request-Id')).toBeTruthy()
        if (response.status >= 400) {
          expect(JSON.parse(text)).toMatchObject({ error: { code: expect.any(String) } })
        }
      },
    ),
    propertyRuns(1500),
  )
})

test('whatever stands in a job, it is accepted whole or refused with a reason', async () => {
  await fc.assert(
    fc.asyncProperty(jobBody, async (job) => {
      const before = await api.countJobs()
      const response = await api.post('/jobs', JSON.stringify(job))
      const text = await response.text()
      expect([201, 400].includes(response.status) ? '' : text).toBe('')
      expect(await api.countJobs()).toBe(before + (response.status === 201 ? 1 : 0))
    }),
    propertyRuns(400),
  )
})
