import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ErrorBody } from '../../lib/registry/errors.ts'
import { aService } from '../support/a-service.ts'
import { anApi, readAnswer, type TestApi } from './an-api.ts'

let api: TestApi
beforeAll(() => {
  const service = aService()
  api = anApi({
    tenants: 'two',
    service: { ...service, intake: { ...service.intake, bodyBytes: 100_000 } },
  })
})
afterAll(() => api.close())

const COMMAND = { taskType: 'command', command: 'x' }
const QUERY = { taskType: 'query', input: 'x' }
const JOB = '/jobs/3711718195200000001'
const many = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${index}`, 'v']))

interface Bad {
  readonly title: string
  readonly method?: string
  readonly path: string
  readonly body?: unknown
  readonly headers?: Record<string, string>
  readonly status: number
  readonly code: string
  readonly at: string
  /** Whether the mistake says what would be accepted; it does unless set. */
  readonly allowed?: false
}

function submit(title: string, body: unknown, at: string, more: Partial<Bad> = {}): Bad {
  const common = { method: 'POST', path: '/jobs', status: 400, code: 'invalid-request' }
  return { title, body, at, ...common, ...more }
}

const BODIES: Bad[] = [
  submit('broken JSON', '{"taskType": "command", }', 'body', { code: 'invalid-json' }),
  submit('an empty body', '', 'body', { code: 'invalid-json' }),
  submit('bytes that are no UTF-8', Uint8Array.from([0x22, 0xff, 0x22]), 'body', {
    code: 'invalid-json',
  }),
  submit('JSON that is no object', '[1]', 'body'),
  submit('very deep JSON', `{"input":${'['.repeat(5000)}${']'.repeat(5000)}}`, 'body'),
  submit('no taskType', { command: 'x' }, 'body.taskType', { code: 'unknown-task-type' }),
  submit('an unknown taskType', { ...COMMAND, taskType: 'train' }, 'body.taskType', {
    code: 'unknown-task-type',
  }),
  submit('an unknown key', { ...COMMAND, comand: 'x' }, 'body.comand'),
  submit('no command', { taskType: 'command' }, 'body.command'),
  submit('an empty command', { ...COMMAND, command: '' }, 'body.command'),
  submit('a command of spaces', { ...COMMAND, command: ' \n' }, 'body.command'),
  submit('a command with NUL', { ...COMMAND, command: 'a\0b' }, 'body.command'),
  submit('two inputs', { ...COMMAND, input: 'x' }, 'body.input'),
  submit('a command that is no text', { taskType: 'command', input: { a: 1 } }, 'body.input'),
  submit('a command for a query', { taskType: 'query', command: 'x' }, 'body.command'),
  submit('a request for a command', { ...COMMAND, request: {} }, 'body.request'),
  submit('an environment for a query', { ...QUERY, env: { A: '1' } }, 'body.env'),
  submit('base64 for a command', { taskType: 'command', inputBase64: 'bHM=' }, 'body.inputBase64'),
  submit('bad base64', { taskType: 'query', inputBase64: '%%%' }, 'body.inputBase64'),
  submit(
    'an upload that never was',
    { taskType: 'query', inputKey: 'uploads/default/1' },
    'body.inputKey',
    { status: 404, code: 'not-found' },
  ),
  submit(
    'an upload key that climbs',
    { taskType: 'query', inputKey: 'uploads/default/../x' },
    'body.inputKey',
  ),
  submit('huge limits', { ...COMMAND, limits: { runSeconds: 1e12 } }, 'body.limits.runSeconds'),
  submit(
    'negative limits',
    { ...COMMAND, limits: { queueSeconds: -1 } },
    'body.limits.queueSeconds',
  ),
  submit('too many retries', { ...COMMAND, retry: { maxRetries: 1e6 } }, 'body.retry.maxRetries'),
  submit('half a retry', { ...COMMAND, retry: { maxLosses: 0.5 } }, 'body.retry.maxLosses'),
  submit('too many tags', { ...COMMAND, tags: many(51) }, 'body.tags'),
  submit('a tag that is no name', { ...COMMAND, tags: { _a: 'x' } }, 'body.tags._a'),
  submit('a tag with a line end', { ...COMMAND, tags: { a: 'x\ny' } }, 'body.tags.a'),
  submit('a number as a tag', { ...COMMAND, tags: { a: 1 } }, 'body.tags.a'),
  submit('too many variables', { ...COMMAND, env: many(101) }, 'body.env'),
  submit('too large variables', { ...COMMAND, env: { A: 'x'.repeat(40_000) } }, 'body.env'),
  submit(
    'a variable of ours',
    { ...COMMAND, env: { SCALABLE_JOB_ID: '1' } },
    'body.env.SCALABLE_JOB_ID',
  ),
  submit('a variable with =', { ...COMMAND, env: { 'A=B': '1' } }, 'body.env["A=B"]'),
  submit('a variable with NUL', { ...COMMAND, env: { A: 'a\0' } }, 'body.env.A'),
  submit(
    'a variable that is the prototype',
    '{"taskType":"command","command":"x","env":{"__proto__":"1"}}',
    'body.env.__proto__',
  ),
  submit(
    'a tag that is the prototype',
    '{"taskType":"command","command":"x","tags":{"__proto__":"1"}}',
    'body.tags.__proto__',
  ),
  submit(
    'a header that is the prototype',
    '{"taskType":"query","request":{"headers":{"__proto__":"1"}}}',
    'body.request.headers.__proto__',
  ),
  submit(
    'header injection',
    { ...QUERY, request: { headers: { a: 'b\r\nX-Evil: 1' } } },
    'body.request.headers.a',
  ),
  submit(
    'a header name with a colon',
    { ...QUERY, request: { headers: { 'a:b': 'c' } } },
    'body.request.headers["a:b"]',
  ),
  submit(
    'a header of the transport',
    { ...QUERY, request: { headers: { Host: 'evil' } } },
    'body.request.headers.Host',
  ),
  submit(
    'a path that climbs',
    { ...QUERY, request: { path: '/a/../../etc' } },
    'body.request.path',
  ),
  submit(
    'a path that names a host',
    { ...QUERY, request: { path: '//evil.example/' } },
    'body.request.path',
  ),
  submit(
    'a whole address as path',
    { ...QUERY, request: { path: 'http://evil/' } },
    'body.request.path',
  ),
  submit('an unknown method', { ...QUERY, request: { method: 'TRACE' } }, 'body.request.method'),
  submit("another tenant's name", { ...COMMAND, tenant: 'other' }, 'body.tenant'),
  submit('a tenant that is no name', { ...COMMAND, tenant: 'a#b' }, 'body.tenant'),
  submit('a long Idempotency-Key', COMMAND, 'header.idempotency-key', {
    headers: { 'Idempotency-Key': 'k'.repeat(256) },
  }),
  submit('an Idempotency-Key with spaces', COMMAND, 'header.idempotency-key', {
    headers: { 'Idempotency-Key': 'a b' },
  }),
  submit('a body that is too large', { ...QUERY, input: 'x'.repeat(100_001) }, 'body', {
    status: 413,
    code: 'payload-too-large',
  }),
  submit('an unknown parameter', COMMAND, 'query.dryRun', {
    path: '/jobs?dryRun=1',
    allowed: false,
  }),
]

const PUTS: Bad[] = [
  submit('a put without taskType', 'x', 'query.taskType', {
    path: '/api/predict/digits',
    code: 'unknown-task-type',
  }),
  submit('a put with two taskTypes', 'x', 'query.taskType', {
    path: '/api/predict/digits?taskType=command&taskType=query',
  }),
  submit('a put of an empty command', '', 'body', { path: '/api/predict/digits?taskType=command' }),
  submit('a put of bytes as a command', Uint8Array.from([0xff, 0xfe]), 'body', {
    path: '/api/predict/digits?taskType=command',
  }),
  submit('a put with a bad tag', 'x', 'query["a b"]', {
    path: '/api/predict/digits?taskType=command&a%20b=1',
  }),
  submit('a put that is too large', 'x'.repeat(100_001), 'body', {
    path: '/api/predict/digits?taskType=query',
    status: 413,
    code: 'payload-too-large',
  }),
]

function get(title: string, path: string, at: string, more: Partial<Bad> = {}): Bad {
  return { title, path, at, status: 400, code: 'invalid-request', ...more }
}

const GETS: Bad[] = [
  get('a limit of words', '/jobs?limit=many', 'query.limit'),
  get('a limit as a formula', '/jobs?limit=1e3', 'query.limit'),
  get('an empty limit', '/jobs?limit=', 'query.limit'),
  get('a huge limit', '/jobs?limit=99999', 'query.limit'),
  get('an unknown status', '/jobs?status=done', 'query.status'),
  get('a tag without a value', '/jobs?tag=run', 'query.tag[0]'),
  get('a made-up cursor', '/jobs?cursor=abc', 'query.cursor'),
  get('one parameter twice', '/jobs?limit=1&limit=2', 'query.limit'),
  get('too long a wait', '/output?waitSeconds=21', 'query.waitSeconds'),
  get('an id that is none', '/jobs/123', 'path.id', { status: 404, code: 'not-found' }),
  get('an unknown id', JOB, 'path.id', { status: 404, code: 'not-found', allowed: false }),
  get('an id that climbs', '/jobs/..%2f..%2fetc', 'path.id', { status: 404, code: 'not-found' }),
  get('an unknown path', '/job', 'path', { status: 404, code: 'not-found', allowed: false }),
  get('no token', '/jobs', 'header.authorization', {
    status: 401,
    code: 'unauthorized',
    headers: { Authorization: '' },
  }),
  get('a wrong token', '/jobs', 'header.authorization', {
    status: 401,
    code: 'unauthorized',
    headers: { Authorization: 'Bearer secret-of-defaulu' },
  }),
  get('a signature instead of a token', '/jobs', 'header.authorization', {
    status: 401,
    code: 'unauthorized',
    headers: { Authorization: 'EAS c2lnbmF0dXJl' },
  }),
  get('a wrong method', '/jobs', 'method', {
    method: 'DELETE',
    status: 405,
    code: 'method-not-allowed',
  }),
  get('a get of the queue', '/api/predict/digits?_index_=0', 'method', {
    status: 405,
    code: 'method-not-allowed',
  }),
]

describe('bad input', () => {
  test.each([...BODIES, ...PUTS, ...GETS])(
    '$title: $status $code, with where and what',
    async ({ method = 'GET', path, body, headers = {}, status, code, at, allowed }) => {
      const isRaw = typeof body === 'string' || body instanceof Uint8Array || body === undefined
      const response = await api.send(path, {
        method,
        headers,
        ...(body !== undefined && { body: isRaw ? (body as string) : JSON.stringify(body) }),
      })
      const { error } = await readAnswer<ErrorBody>(response)
      expect({ status: response.status, code: error.code }).toEqual({ status, code })
      expect(error.details.map((each) => each.path)).toContain(at)
      const detail = error.details.find((each) => each.path === at)
      if (allowed !== false) expect(detail).toMatchObject({ allowed: expect.any(String) })
      expect(error.message.length).toBeLessThan(400)
      expect(JSON.stringify(error)).not.toContain('secret-of')
      expect(await api.countJobs()).toBe(0)
    },
  )

  test('several mistakes are all named', async () => {
    const body = { taskType: 'command', command: '', tags: { _x: '1' }, colour: 'red' }
    const { error } = await readAnswer<ErrorBody>(await api.post('/jobs', body))
    expect(error.details.map(({ path }) => path).toSorted()).toEqual([
      'body.colour',
      'body.command',
      'body.tags._x',
    ])
  })

  test('broken JSON is located by line and column', async () => {
    const { error } = await readAnswer<ErrorBody>(await api.post('/jobs', '{\n  "a": 1,\n  b: 2}'))
    expect(error.details[0]).toMatchObject({
      problem: 'is not JSON, at line 3, column 3',
      allowed: 'a key in double quotes',
    })
  })

  test('an endless body is refused in the middle', async () => {
    let sent = 0
    const body = new ReadableStream<Uint8Array>({
      pull: (controller) => {
        sent += 1
        controller.enqueue(new Uint8Array(10_000))
      },
    })
    const init = { method: 'POST', body, duplex: 'half' } as RequestInit
    const response = await api.send('/jobs', init)
    expect(response.status).toBe(413)
    expect(sent).toBeLessThan(20)
  })

  test('a wrong method is told the right ones, a missing token the scheme', async () => {
    const wrong = await api.send('/jobs', { method: 'DELETE' })
    expect(wrong.headers.get('Allow')).toBe('POST, GET')
    const missing = await api.send('/jobs', { token: '' })
    expect(missing.headers.get('WWW-Authenticate')).toContain('Bearer')
  })

  test('a hostile body with very many mistakes gets a short answer', async () => {
    const keys = Array.from({ length: 8000 }, (_, index) => `"x${index}":1`).join(',')
    const response = await api.post('/jobs', `{"taskType":"command",${keys}}`)
    expect(response.status).toBe(400)
    expect((await response.text()).length).toBeLessThan(100_000)
  })
})
