import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { ServiceView } from '../../lib/api/contract/service-view.ts'
import { scalerKey, workerKey } from '../../lib/job/keys.ts'
import type { WorkerRow } from '../../lib/scaling/worker-row.ts'
import { PortUnavailable } from '../../lib/ports/port-unavailable.ts'
import { aService } from '../support/a-service.ts'
import { ADMIN_TOKEN, anApi, readAnswer, type TestApi, TOKEN } from './an-api.ts'

let api: TestApi
beforeEach(() => {
  api = anApi()
})
afterEach(() => api.close())

const WORKER: WorkerRow = {
  workerId: 'w1',
  taskId: 't1',
  version: 'v1',
  state: 'busy',
  slots: { command: { total: 1, taken: 1 }, query: { total: 5, taken: 0 } },
  jobs: [{ jobId: '3711718195200000001', attempt: 1, taskType: 'command', startedAt: 'now' }],
  startedAt: '2026-01-01T12:00:00.000Z',
  beatAt: '2026-01-01T12:00:00.000Z',
  beat: 3,
}

const DECISION = {
  atMs: 1,
  wanted: 1,
  reason: 'waiting',
  desired: {},
  drains: [],
  versions: {},
  inputs: { workers: {}, unreported: 0, floor: 0, asked: {}, unseen: [] },
  cause: 'clock',
  count: 1,
  lastSeenAtMs: 1,
}

async function keepRow(key: { pk: string; sk: string }, data: object) {
  await api.table.write([{ kind: 'put', key, data: data as Record<string, never>, expect: 'any' }])
}

describe('GET /service', () => {
  test('queues, workers, fleet and decisions are shown together', async () => {
    await keepRow(workerKey('w1'), WORKER)
    await keepRow(scalerKey('decisions'), { decisions: [DECISION] })
    await api.post('/jobs', { taskType: 'command', command: 'x' })
    const view = await readAnswer<ServiceView>(await api.send('/service'))
    expect(view).toMatchObject({
      name: 'digits',
      waiting: 1,
      queues: { command: { visible: 1 }, output: { visible: 0 } },
      workers: [{ workerId: 'w1', jobs: [{ attempt: 1 }] }],
      fleet: { latestVersion: 'v1' },
      decisions: [DECISION],
      notObserved: [],
    })
    expect(JSON.stringify(view)).not.toContain('secret')
  })

  test('says of itself what service.json made of it', async () => {
    const { name, type, version, scaling, slots, intake } = aService()
    const view = await readAnswer<ServiceView>(await api.send('/service'))
    const none = { visible: 0, inFlight: 0, delayed: 0 }
    expect(view).toEqual({
      name,
      type,
      version,
      apiVersion: '0.0.0-test',
      taskTypes: ['command', 'query'],
      startedAt: '2026-01-01T12:00:00.000Z',
      uptimeSeconds: 0,
      waiting: 0,
      queues: { command: none, query: none, output: none, dead: none },
      workers: [],
      fleet: {
        sides: {
          a: { desired: 1, running: 1, pending: 0 },
          b: { desired: 0, running: 0, pending: 0 },
        },
        tasks: [],
        latestVersion: 'v1',
      },
      decisions: [],
      scaling,
      slots,
      intake,
      ignored: [],
      notObserved: [],
    })
  })

  test('shows of a worker all that its row says, but for its beat', async () => {
    const { beat: _beat, ...shown } = {
      ...WORKER,
      protectedUntil: '2026-01-01T13:00:00.000Z',
      drain: {
        reason: 'surplus' as const,
        orderedAt: '2026-01-01T12:00:00.000Z',
        expiresAt: '2026-01-01T12:10:00.000Z',
      },
      note: 'protection was refused',
    }
    await keepRow(workerKey('w1'), { ...shown, beat: 3 })
    const view = await readAnswer<ServiceView>(await api.send('/service'))
    expect(view.workers).toEqual([shown])
  })

  test('what waits is counted whatever its type, also one that the service takes no more', async () => {
    const commands = anApi({ service: aService({ taskTypes: ['command'] }) })
    await commands.queues.send('query', [{ body: '{}' }, { body: '{}' }])
    const view = await readAnswer<ServiceView>(await commands.send('/service'))
    expect(view).toMatchObject({ taskTypes: ['command'], waiting: 2 })
    await commands.close()
  })

  test('what cannot be observed is named, and never shown as nothing', async () => {
    const blind = anApi({
      ports: {
        fleet: {
          observe: () => Promise.reject(new PortUnavailable('fleet', 'observe', new Error('x'))),
        },
      },
    })
    const view = await readAnswer<ServiceView>(await blind.send('/service'))
    expect(view.notObserved).toEqual(['fleet'])
    expect(view.fleet).toBeUndefined()
    expect(view.workers).toEqual([])
    await blind.close()
  })

  test('among several tenants the jobs of a worker are for the admin alone', async () => {
    const shared = anApi({ tenants: 'two', ports: { table: api.table } })
    await keepRow(workerKey('w1'), WORKER)
    const read = async (token: string) =>
      readAnswer<ServiceView>(await shared.send('/service', { token }))
    expect((await read(TOKEN)).workers?.[0]?.jobs).toBeUndefined()
    expect((await read(ADMIN_TOKEN)).workers?.[0]?.jobs).toHaveLength(1)
    await shared.close()
  })
})

describe('GET /output', () => {
  interface Messages {
    readonly messages: { receipt: string; body: unknown; receiveCount: number }[]
  }
  const read = async () =>
    readAnswer<Messages>(await api.send('/output?max=10&visibilitySeconds=0'))

  test('a message comes again until it is acknowledged', async () => {
    await api.queues.send('output', [{ body: '{"kind":"end"}' }, { body: 'no json' }])
    const first = await read()
    expect(first.messages.map(({ body }) => body)).toEqual([{ kind: 'end' }, 'no json'])
    const again = await read()
    expect(again.messages.map(({ receiveCount }) => receiveCount)).toEqual([2, 2])
    const receipts = again.messages.map(({ receipt }) => receipt)
    const acknowledged = await api.post('/output/ack', { receipts })
    expect(await readAnswer(acknowledged)).toEqual({ acknowledged: 2 })
    expect((await read()).messages).toEqual([])
  })

  test('a receipt that has lapsed is no error, a made-up one is a mistake', async () => {
    expect((await api.post('/output/ack', { receipts: ['1:gone'] })).status).toBe(200)
    const madeUp = await api.post('/output/ack', { receipts: ['💥'] })
    expect(await readAnswer(madeUp)).toMatchObject({ error: { code: 'not-found' } })
  })

  test('among several tenants it is for the admin alone', async () => {
    const shared = anApi({ tenants: 'two' })
    expect((await shared.send('/output')).status).toBe(404)
    expect((await shared.post('/output/ack', { receipts: ['x'] })).status).toBe(404)
    expect((await shared.send('/output', { token: ADMIN_TOKEN })).status).toBe(200)
    await shared.close()
  })
})

describe('every answer', () => {
  test('carries a request id, the own one where it is harmless, and security headers', async () => {
    const own = await api.send('/healthz', { token: '', headers: { 'X-Request-Id': 'trace-1' } })
    expect(own.headers.get('X-Request-Id')).toBe('trace-1')
    expect(own.headers.get('X-Content-Type-Options')).toBe('nosniff')
    const odd = await api.send('/nowhere', { headers: { 'X-Request-Id': 'a b<script>' } })
    expect(odd.headers.get('X-Request-Id')).toMatch(/^\d{19}$/)
    expect(await readAnswer(odd)).toMatchObject({
      error: { requestId: odd.headers.get('X-Request-Id') },
    })
  })

  test('leaves one access line, without token, address or query', async () => {
    await api.send('/jobs/3711718195200000001?signature=s3cr3t', {
      headers: { Authorization: `Bearer ${TOKEN}` },
    })
    expect(api.logged.filter(({ message }) => message === 'request')).toMatchObject([
      { method: 'GET', route: '/jobs/{id}', status: 400, tenant: 'default' },
    ])
    expect(JSON.stringify(api.logged)).not.toMatch(/secret|s3cr3t/)
  })

  test('a fault shows its stack to the log and a fixed sentence to the caller', async () => {
    const broken = anApi({
      ports: { fleet: { observe: async () => ({}) as never }, table: undefined as never },
    })
    const response = await broken.send('/jobs')
    const text = await response.text()
    expect(response.status).toBe(500)
    expect(JSON.parse(text)).toMatchObject({ error: { code: 'internal' } })
    expect(text).not.toContain('TypeError')
    expect(JSON.stringify(broken.logged.map(({ stack }) => stack))).toContain('TypeError')
    await broken.close()
  })
})

test('receipts are not called wrong while the queue does not answer', async () => {
  const { queues } = api
  const away = anApi({
    ports: {
      queues: {
        send: (...args) => queues.send(...args),
        receive: (...args) => queues.receive(...args),
        depth: (...args) => queues.depth(...args),
        handBack: (...args) => queues.handBack(...args),
        close: (...args) => queues.close(...args),
        delete: () => Promise.reject(new PortUnavailable('queues', 'delete', new Error('x'))),
      },
    },
  })
  const answer = await away.post('/output/ack', { receipts: ['r'] })
  expect(answer.status).toBe(503)
  await away.close()
})

test.each([
  ['whole', '/no-such', '/no-such'],
  ['up to 200 characters', `/${'x'.repeat(199)}`, `/${'x'.repeat(199)}`],
  ['cut beyond that', `/${'x'.repeat(200)}`, `/${'x'.repeat(199)}…`],
])('a path that is none is shown %s', async (_how, path, shown) => {
  const answer = await api.send(path)
  expect(answer.status).toBe(404)
  expect(await readAnswer(answer)).toMatchObject({
    error: { message: `there is no GET ${shown}`, details: [{ path: 'path', got: shown }] },
  })
})
