import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Client } from '../../lib/client/client.ts'
import { connect } from '../../lib/client/connect.ts'
import { aServer } from './a-server.ts'

const ID = '3711718195200000001'
const TOKEN = 'a-token-of-this-test'

let server: Awaited<ReturnType<typeof aServer>>
beforeAll(async () => {
  server = await aServer()
})
afterAll(() => server.close())

const client = () => connect({ url: `${server.url}/base/`, token: TOKEN, env: {} })

describe('each call asks for what it says', () => {
  const calls: [string, string, (client: Client) => Promise<unknown>][] = [
    ['submit', 'POST /jobs', (c) => c.submit({ taskType: 'command', command: 'x' })],
    ['get', `GET /jobs/${ID}`, (c) => c.get(ID)],
    [
      'list',
      'GET /jobs?status=queued&taskType=query&tag=a%3Ab&limit=5&cursor=c',
      (c) => c.list({ status: 'queued', taskType: 'query', tag: 'a:b', limit: 5, cursor: 'c' }),
    ],
    ['list of everything', 'GET /jobs', (c) => c.list()],
    ['cancel', `POST /jobs/${ID}/cancel`, (c) => c.cancel(ID)],
    ['retry', `POST /jobs/${ID}/retry`, (c) => c.retry(ID)],
    [
      'readLogs',
      `GET /jobs/${ID}/logs?cursor=1%3A2&waitSeconds=3`,
      (c) => c.readLogs(ID, { cursor: '1:2', waitSeconds: 3 }),
    ],
    ['result', `GET /jobs/${ID}/result?waitSeconds=7`, (c) => c.result(ID, { waitSeconds: 7 })],
    ['wait', `GET /jobs/${ID}/result?waitSeconds=20`, (c) => c.wait(ID)],
    ['artifacts', `GET /jobs/${ID}/artifacts`, (c) => c.artifacts(ID)],
    ['artifactsPage', `GET /jobs/${ID}/artifacts`, (c) => c.artifactsPage(ID)],
    ['createUpload', 'POST /uploads?tenant=t', (c) => c.createUpload({ tenant: 't' })],
    ['upload', 'POST /uploads?tenant=t', (c) => c.upload(Buffer.from('x'), { tenant: 't' })],
    [
      'output',
      'GET /output?max=3&visibilitySeconds=90&waitSeconds=2',
      (c) => c.output({ max: 3, visibilitySeconds: 90, waitSeconds: 2 }),
    ],
    ['ack', 'POST /output/ack', (c) => c.ack(['r'])],
    ['service', 'GET /service', (c) => c.service()],
    ['health', 'GET /healthz', (c) => c.health()],
    [
      'put',
      'POST /api/predict/a%20b?kind=k&taskType=query',
      (c) => c.put('a b', { taskType: 'query', body: 'x', tags: { kind: 'k' } }),
    ],
  ]

  test.each(calls)('%s', async (_name, expected, call) => {
    server.answerJson({ error: { code: 'not-found', message: 'no such thing' } }, 404)
    await expect(call(client())).rejects.toMatchObject({ code: 'not-found', status: 404 })
    const { method, url, headers } = server.received[0] ?? {}
    expect(`${method} ${url}`).toBe(expected.replace(' /', ' /base/'))
    expect(headers?.authorization).toBe(`Bearer ${TOKEN}`)
    expect(server.received).toHaveLength(1)
  })

  test('a body goes as JSON, with the key that was given, or a new one for each call', async () => {
    const job = { taskType: 'command', command: 'x' } as const
    server.answerJson({}, 400)
    for (const idempotencyKey of ['mine', undefined, undefined]) {
      await expect(client().submit(job, { idempotencyKey })).rejects.toThrow('HTTP 400')
    }
    const keys = server.received.map(({ headers }) => headers['idempotency-key'])
    expect(keys[0]).toBe('mine')
    expect(new Set(keys).size).toBe(3)
    expect(server.received[0]?.headers['content-type']).toBe('application/json')
    expect(JSON.parse(server.received[0]?.body ?? '')).toEqual(job)
  })

  test('a put goes as bytes', async () => {
    server.answerJson({}, 400)
    const put = { taskType: 'command', body: 'echo "ü"', idempotencyKey: 'mine' } as const
    await expect(client().put('digits', put)).rejects.toThrow('HTTP 400')
    const { headers, body } = server.received[0] ?? {}
    expect(headers).toMatchObject({
      'content-type': 'application/octet-stream',
      'idempotency-key': 'mine',
    })
    expect(body).toBe('echo "ü"')
  })
})

describe('an error', () => {
  test('has all that the API said of it', async () => {
    const details = [{ path: 'body.tags', problem: 'is not it', got: '1', allowed: '2' }]
    const error = { code: 'invalid-request', message: 'm', fix: 'f', details, requestId: 'r' }
    server.answerWith((_request, response) => {
      response.writeHead(400, { 'retry-after': '7' }).end(JSON.stringify({ error }))
    })
    await expect(client().get(ID)).rejects.toMatchObject({
      ...error,
      status: 400,
      retryAfterSeconds: 7,
    })
  })

  test('of another server says so, with the beginning of its text and where it points to', async () => {
    server.answerWith((_request, response) => {
      response.writeHead(302, { location: 'http://else.test/' }).end(`hello ${'x'.repeat(500)}`)
    })
    const error = await client()
      .get(ID)
      .catch((thrown: unknown) => thrown as Error)
    expect(error).toMatchObject({ code: 'bad-answer', fix: expect.stringContaining('address') })
    expect((error as Error).message).toMatch(
      /^HTTP 302, but not with an error of this API, which points to http:\/\/else\.test\/: hello x+$/,
    )
    expect((error as Error).message.length).toBeLessThan(320)
  })

  test('names the cause below what fetch says', async () => {
    const gone = connect({ url: 'http://127.0.0.1:9', env: {} })
    await expect(gone.ack([])).rejects.toThrow('http://127.0.0.1:9 cannot be reached: ')
    await expect(gone.ack([])).rejects.toThrow('this port is not one for HTTP')
  })
})

test('a short Retry-After is waited for, and the next answer counts', async () => {
  const at: number[] = []
  server.answerWith((_request, response) => {
    at.push(performance.now())
    if (at.length === 1) response.writeHead(429, { 'retry-after': '1' }).end()
    else response.end(JSON.stringify({ status: 'ok', service: 's', version: 'v' }))
  })
  expect(await client().health()).toMatchObject({ service: 's' })
  expect((at[1] ?? 0) - (at[0] ?? 0)).toBeGreaterThan(990)
})

test('a call that has taken its whole time is not tried again', async () => {
  server.answerWith(() => undefined)
  const slow = connect({ url: server.url, timeoutMs: 100, env: {} })
  await expect(slow.health()).rejects.toMatchObject({ code: 'timed-out' })
  expect(server.received).toHaveLength(1)
})

test('the wait that a call asks for is added to its time', async () => {
  server.answerWith((_request, response) => {
    setTimeout(() => response.end('{"messages":[]}'), 600)
  })
  const quick = connect({ url: server.url, timeoutMs: 200, env: {} })
  expect(await quick.output({ waitSeconds: 5 })).toEqual({ messages: [] })
})

test('wait does not read the answer of the model, however long it is', async () => {
  server.answerWith(({ url }, response) => {
    if (url.includes('/result')) response.writeHead(200).write('the beginning of much')
    else response.writeHead(404).end()
  })
  await expect(client().wait(ID)).rejects.toMatchObject({ status: 404 })
  expect(server.received.map(({ url }) => url.split('?')[0])).toEqual([
    `/base/jobs/${ID}/result`,
    `/base/jobs/${ID}`,
  ])
})
