import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ROUTES } from '../../../lib/api/routes.ts'
import type { JobView } from '../../../lib/api/contract/job-view-schema.ts'
import {
  ADMIN_TOKEN,
  anApi,
  clockFromNoon,
  OTHER_TOKEN,
  readAnswer,
  type TestApi,
} from '../../api/an-api.ts'
import { ENDED, keepVictim, KEY, MARK, NEVER, QUEUED, readVictim, RUNNING } from './victim.ts'

let api: TestApi
let owned: Awaited<ReturnType<typeof keepVictim>>
beforeAll(async () => {
  api = anApi({ tenants: 'two', clock: clockFromNoon() })
  owned = await keepVictim(api)
})
afterAll(() => api.close())

interface Reach {
  readonly path: string
  readonly body?: object | string
  readonly headers?: Readonly<Record<string, string>>
  readonly status: number
}

const OF_EVERYBODY = 'says nothing of any job'
type Attack = readonly Reach[] | (() => readonly Reach[]) | typeof OF_EVERYBODY

const JOBS = [QUEUED, RUNNING, ENDED]
const ofJob = (rest: string, more: Partial<Reach> = {}): Reach[] =>
  JOBS.map((id) => ({ path: `/jobs/${id}${rest}`, status: 404, ...more }))

/** For each route of the API: how the token of `other` may try to reach what `default` has. */
const ATTACKS: Readonly<Record<string, Attack>> = {
  'post /jobs': () => [
    { path: '/jobs', body: { taskType: 'command', command: 'x', tenant: 'default' }, status: 400 },
    { path: '/jobs', body: { taskType: 'command', command: 'x', tenant: '*' }, status: 400 },
    { path: '/jobs', body: { taskType: 'query', inputKey: owned.inputKey }, status: 404 },
    {
      path: '/jobs',
      body: { taskType: 'query', inputKey: `jobs/${ENDED}/1/result` },
      status: 400,
    },
    {
      path: '/jobs',
      body: { taskType: 'query', inputKey: `uploads/other/../default/1` },
      status: 400,
    },
    {
      path: '/jobs',
      body: { taskType: 'command', command: 'x', retryOf: ENDED },
      status: 400,
    },
    // A key is each tenant's own: the same one makes another job.
    {
      path: '/jobs',
      body: { taskType: 'command', command: 'y' },
      headers: { 'Idempotency-Key': KEY },
      status: 201,
    },
    {
      path: '/jobs',
      body: { taskType: 'command', command: 'y' },
      headers: { 'Idempotency-Key': `../default/${KEY}` },
      status: 201,
    },
  ],
  'get /jobs': [
    { path: '/jobs', status: 200 },
    { path: '/jobs?tenant=default', status: 400 },
    { path: '/jobs?tenant=*', status: 400 },
    { path: `/jobs?tag=mark:${MARK}`, status: 200 },
    { path: `/jobs?cursor=j1-${NEVER}`, status: 200 },
    ...['queued', 'running', 'succeeded'].map((status) => {
      return { path: `/jobs?status=${status}`, status: 200 }
    }),
  ],
  'get /jobs/{id}': ofJob(''),
  'get /jobs/{id}/result': [...ofJob('/result'), ...ofJob('/result?waitSeconds=1')],
  'get /jobs/{id}/logs': [
    ...ofJob('/logs'),
    ...ofJob('/logs?format=text&cursor=1:0000000000'),
    ...ofJob('/logs', { headers: { Accept: 'text/event-stream' } }),
  ],
  'post /jobs/{id}/cancel': ofJob('/cancel'),
  'post /jobs/{id}/retry': [
    ...ofJob('/retry'),
    ...ofJob('/retry', { headers: { 'Idempotency-Key': KEY } }),
  ],
  'get /jobs/{id}/artifacts': [
    ...ofJob('/artifacts'),
    ...ofJob(`/artifacts?path=${MARK}.txt`),
    ...ofJob('/artifacts?path=../artifacts.json'),
  ],
  'post /uploads': [
    { path: '/uploads?tenant=default', status: 400 },
    { path: '/uploads?tenant=*', status: 400 },
    { path: '/uploads?tenant=..', status: 400 },
    { path: '/uploads', status: 201 },
  ],
  'get /output': [{ path: '/output?visibilitySeconds=0', status: 404 }],
  'post /output/ack': () => [
    { path: '/output/ack', body: { receipts: [owned.receipt] }, status: 404 },
  ],
  'post /api/predict/{service}': [
    {
      path: '/api/predict/digits?taskType=command&tenant=default',
      body: 'true',
      status: 200,
    },
  ],
  'post /api/predict/{service}/{path}': [
    {
      path: `/api/predict/digits/jobs/${ENDED}/result?tenant=default`,
      body: 'x',
      status: 200,
    },
    { path: '/api/predict/digits/sink', body: 'x', status: 404 },
  ],
  'get /service': [
    { path: '/service', status: 200 },
    { path: '/service?replay=true', status: 200 },
  ],
  'get /healthz': OF_EVERYBODY,
  'get /openapi.json': OF_EVERYBODY,
}

test('every route has its attacks: a new one cannot be forgotten', () => {
  const routes = ROUTES.map(({ method, path }) => `${method} ${path}`)
  expect(Object.keys(ATTACKS).toSorted()).toEqual(routes.toSorted())
})

const OPEN = Object.entries(ATTACKS).flatMap(([route, attack]) =>
  attack === OF_EVERYBODY ? [route] : [],
)
const ATTACKED = Object.entries(ATTACKS).flatMap(([route, attack]) =>
  attack === OF_EVERYBODY ? [] : [[route, () => listReaches(attack)] as const],
)

function listReaches(attack: Exclude<Attack, typeof OF_EVERYBODY>): readonly Reach[] {
  return typeof attack === 'function' ? attack() : attack
}

test.each(OPEN)('%s takes nothing from a caller and says nothing of any job', (route) => {
  const spec = ROUTES.find(({ method, path }) => `${method} ${path}` === route)
  expect({ ...spec, params: spec?.params, body: spec?.body }).toMatchObject({
    access: 'open',
    params: undefined,
    body: undefined,
  })
})

describe.each(ATTACKED)('%s', (route, reaches) => {
  test('gives nothing of another tenant away, and changes nothing there', async () => {
    const before = await readVictim(api)
    for (const reach of reaches()) {
      const { response, text } = await send(route, reach, OTHER_TOKEN)
      expect(`${reach.path}: ${response.status} ${text}`).toContain(`: ${reach.status} `)
      const said = JSON.stringify([...response.headers]) + text
      expect(said).not.toContain(MARK)
      // An answer may repeat an id that it was asked with; it must not tell of a further one.
      const asked = JSON.stringify(reach)
      for (const id of JOBS) if (!asked.includes(id)) expect(said).not.toContain(id)
    }
    expect(await readVictim(api)).toEqual(before)
  })

  test('needs a token that stands, whatever it looks like', async () => {
    for (const reach of reaches()) {
      for (const token of ['', 'nobody', 'Bearer', 'Basic c2VjcmV0', `${OTHER_TOKEN}x`]) {
        const { response } = await send(route, reach, token)
        expect(`${reach.path}: ${response.status}`).toBe(`${reach.path}: 401`)
      }
    }
  })
})

test('a job of another tenant is as absent as one that never was', async () => {
  for (const rest of ['', '/result', '/logs', '/artifacts', '/cancel', '/retry']) {
    const answers = await Promise.all(
      [ENDED, NEVER].map(async (id) => {
        const method = ['/cancel', '/retry'].includes(rest) ? 'POST' : 'GET'
        const response = await api.send(`/jobs/${id}${rest}`, { method, token: OTHER_TOKEN })
        const { error } = await readAnswer<{ error: { requestId: string } }>(response)
        const { requestId, ...known } = error
        expect(requestId).toBeTruthy()
        return JSON.stringify({ status: response.status, known }).replaceAll(id, 'ID')
      }),
    )
    expect(answers[0]).toBe(answers[1])
  }
})

test('what another tenant made with the same key and names is its own', async () => {
  const { jobs } = await readAnswer<{ jobs: JobView[] }>(
    await api.send('/jobs?limit=200', { token: OTHER_TOKEN }),
  )
  expect(jobs.length).toBeGreaterThan(0)
  expect([...new Set(jobs.map(({ tenant }) => tenant))]).toEqual(['other'])
})

test('the message of another tenant is still there for the admin', async () => {
  const answer = await api.send('/output', { token: ADMIN_TOKEN })
  expect(await answer.text()).toContain(MARK)
})

async function send(route: string, { path, body, headers = {} }: Reach, token: string) {
  const response = await api.send(path, {
    method: route.startsWith('post ') ? 'POST' : 'GET',
    token,
    headers,
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  })
  return { response, text: await response.text() }
}
