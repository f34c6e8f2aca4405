import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { HttpResult } from '../../lib/api/event/http-event.ts'
import type { AuthorizerAnswer } from '../../lib/api/auth/authorize.ts'
import { jobInputKey } from '../../lib/job/keys.ts'
import { KICK_EVENT } from '../../lib/registry/agreements.ts'
import { readServiceFile } from '../../lib/service/read-service-file.ts'
import { hasEmulators } from '../adapters/aws/emulator.ts'
import { DIGITS } from '../cdk/synth-service.ts'
import { waitFor } from '../support/wait-for.ts'
import { bundleFunctions, type Program } from './bundle-functions.ts'
import { type DeployedWorld, deployWorld, TOKEN } from './deployed-world.ts'
import { authorizerEvent, type EventOptions, httpApiEvent, jsonOf } from './http-api-event.ts'
import { type StartedFunction, startFunction } from './start-function.ts'

const BYTES_PER_MIB = 1_048_576
const SETUP_MS = 120_000
/** Takes no connection. */
const NOWHERE = 'http://127.0.0.1:9'
const LOOK_SECONDS = 0.5
/** So much is left that the loop has two seconds, and its last look the rest. */
const TWO_SECONDS_LEFT_MS = 17_000
/** EventBridge's event of a rule with a schedule. */
const MINUTE_EVENT = {
  version: '0',
  id: '53dc4d37-cffa-4f76-80c9-8b7d4a4d2eaa',
  'detail-type': 'Scheduled Event',
  source: 'aws.events',
  account: '123456789012',
  time: '2026-01-01T12:00:00Z',
  region: 'us-east-1',
  resources: ['arn:aws:events:us-east-1:123456789012:rule/each-minute'],
  detail: {},
}

interface Accepted {
  readonly id: string
  readonly tags: Readonly<Record<string, string>>
}

describe.skipIf(!hasEmulators)('the functions as the stack bundles them, on Node 24', () => {
  const digits = readServiceFile(DIGITS)
  const service = { ...digits, timing: { ...digits.timing, lookSeconds: LOOK_SECONDS } }
  const started: StartedFunction[] = []
  let bundles: ReturnType<typeof bundleFunctions>
  let world: DeployedWorld
  let api: StartedFunction

  /** The variables that the stack sets for this function, with the values of the emulator. */
  async function start(program: Program, more: Record<string, string> = {}) {
    const { file, variables } = bundles[program]
    const given = Object.entries(world.env).filter(
      ([name]) => name.startsWith('AWS_') || variables.includes(name),
    )
    const up = await startFunction(file, { ...Object.fromEntries(given), ...more })
    started.push(up)
    return up
  }

  const send = (options: EventOptions): Promise<HttpResult> =>
    api.invoke<HttpResult>(httpApiEvent({ token: TOKEN, ...options }))

  const submit = async (body: object): Promise<string> => {
    const headers = { 'content-type': 'application/json' }
    const answer = await send({
      method: 'POST',
      path: '/jobs',
      headers,
      body: JSON.stringify(body),
    })
    expect(answer.statusCode).toBe(201)
    return (jsonOf(answer) as Accepted).id
  }

  beforeAll(async () => {
    bundles = bundleFunctions(service)
    world = await deployWorld(service.version)
    api = await start('api')
  }, SETUP_MS)
  afterAll(async () => {
    await Promise.all(started.map((each) => each.stop()))
    await world.stop()
  })

  test('a job is accepted, signaled, and the scaler is kicked', async () => {
    const kicksBefore = world.lambda.received.length
    const id = await submit({ taskType: 'command', command: 'echo hello' })
    const [kick, ...more] = world.lambda.received.slice(kicksBefore)
    expect(kick?.path).toBe('/2015-03-31/functions/scaler/invocations')
    expect(JSON.parse(String(kick?.body))).toEqual(KICK_EVENT)
    expect(kick?.headers['x-amz-invocation-type']).toBe('Event')
    expect(more).toEqual([])
    expect(await world.store.queues.depth('command')).toMatchObject({ visible: 1 })
    const found = await send({ path: `/jobs/${id}` })
    expect(jsonOf(found)).toMatchObject({ id, status: 'queued', taskType: 'command' })
  })

  test('plus signs and escapes in the query string are what a form means by them', async () => {
    const answer = await send({
      method: 'POST',
      path: '/api/predict/digits',
      query: 'taskType=command&name=a+b%2Bc%26d',
      headers: { accept: 'application/json' },
      body: 'echo hello',
    })
    expect(answer.statusCode).toBe(200)
    const { jobId } = jsonOf(answer) as { jobId: string }
    const job = jsonOf(await send({ path: `/jobs/${jobId}` })) as Accepted
    expect(job.tags).toEqual({ name: 'a b+c&d' })
  })

  test.each([
    ['decoded, as an HTTP API hands it over', '/api/predict/digits/v1/a b?c#d%'],
    ['still encoded', '/api/predict/digits/v1%2Fa%20b%3Fc%23d%25'],
  ])('a path comes out whole when it is %s', async (_how, path) => {
    const headers = { accept: 'application/json' }
    const answer = await send({ method: 'POST', path, query: 'kind=x', headers, body: '{}' })
    expect(answer.statusCode).toBe(200)
    const { jobId } = jsonOf(answer) as { jobId: string }
    const job = jsonOf(await send({ path: `/jobs/${jobId}` })) as Accepted & {
      readonly request: { readonly path: string }
    }
    expect(decodeURIComponent(job.request.path)).toBe('/v1/a b?c#d%?kind=x')
  })

  test('a binary body arrives byte by byte', async () => {
    const bytes = Uint8Array.from({ length: 256 }, (_, index) => index)
    const answer = await send({
      method: 'POST',
      path: '/api/predict/digits',
      query: 'taskType=query',
      headers: { accept: 'application/json', 'content-type': 'application/octet-stream' },
      body: bytes,
    })
    const { jobId } = jsonOf(answer) as { jobId: string }
    const row = await world.store.table.get(jobInputKey(jobId))
    expect(row?.data['base64']).toBe(Buffer.from(bytes).toString('base64'))
  })

  test('cookies, header text beyond ASCII and a body on GET do no harm', async () => {
    const answer = await send({
      path: '/jobs',
      cookies: ['theme=dark', 'other=1'],
      headers: { 'x-note': 'Grüße' },
      body: 'ignored',
    })
    expect(answer.statusCode).toBe(200)
  })

  test('a trailing slash is another path, answered in the shape of every error', async () => {
    const answer = await send({ path: '/jobs/' })
    expect(answer.statusCode).toBe(404)
    expect(jsonOf(answer)).toMatchObject({ error: { code: 'not-found' } })
  })

  test('a log is not streamed: who follows it asks again', async () => {
    const id = await submit({ taskType: 'command', command: 'echo hello' })
    const answer = await send({
      path: `/jobs/${id}/logs`,
      query: 'follow=true&waitSeconds=0',
      headers: { accept: 'text/event-stream' },
    })
    expect(answer.headers['content-type']).not.toMatch(/event-stream/)
  })

  test('without a token, or with another one, nothing is told', async () => {
    const { token: _token, ...bare } = { token: '', path: '/jobs' }
    const none = await api.invoke<HttpResult>(httpApiEvent(bare))
    const wrong = await send({ path: '/jobs', token: 'wrong' })
    expect([none.statusCode, wrong.statusCode]).toEqual([401, 401])
    expect(jsonOf(wrong)).toMatchObject({ error: { code: 'unauthorized' } })
    expect(api.log).not.toContain(TOKEN)
  })

  test('while the tokens cannot be read, routes that need one say so and the others answer', async () => {
    const blind = await start('api', { AWS_ENDPOINT_URL_SECRETS_MANAGER: NOWHERE })
    const jobs = await blind.invoke<HttpResult>(httpApiEvent({ path: '/jobs', token: TOKEN }))
    const health = await blind.invoke<HttpResult>(httpApiEvent({ path: '/healthz' }))
    expect([jobs.statusCode, health.statusCode]).toEqual([503, 200])
    expect(jsonOf(jobs)).toMatchObject({ error: { code: 'service-unavailable' } })
  })

  test('the authorizer lets in the token, bare or as a bearer, and nobody else', async () => {
    const authorizer = await start('authorizer')
    const ask = (header: string) => authorizer.invoke<AuthorizerAnswer>(authorizerEvent(header))
    expect(await ask(TOKEN)).toEqual({ isAuthorized: true, context: { tenant: '*' } })
    expect(await ask(`Bearer ${TOKEN}`)).toEqual({ isAuthorized: true, context: { tenant: '*' } })
    expect(await ask('wrong')).toEqual({ isAuthorized: false })
    expect(await ask('')).toEqual({ isAuthorized: false })
    expect(authorizer.log).not.toContain(TOKEN)
  })

  test('tokens that were put into the secret count for functions that start after', async () => {
    const tokens = [{ tenant: 'vision', token: 'vision-token' }]
    await world.putSecret(JSON.stringify({ token: TOKEN, tokens }))
    const authorizer = await start('authorizer')
    const answer = await authorizer.invoke<AuthorizerAnswer>(authorizerEvent('vision-token'))
    expect(answer).toEqual({ isAuthorized: true, context: { tenant: 'vision' } })
  })

  test('a kick makes the scaler start a worker for the jobs that wait', async () => {
    await submit({ taskType: 'command', command: 'echo hello' })
    const scaler = await start('scaler')
    await scaler.invoke(KICK_EVENT, 90_000)
    const { 'side-a': a = 0, 'side-b': b = 0 } = await world.desired()
    expect(a + b).toBeGreaterThanOrEqual(1)
    expect(jsonOf(await send({ path: '/service' }))).toMatchObject({ notObserved: [] })
  })

  test('the event of a minute brings looks while there is time for them, and then it ends', async () => {
    const scaler = await start('scaler')
    const startMs = performance.now()
    await scaler.invoke(MINUTE_EVENT, TWO_SECONDS_LEFT_MS)
    expect(performance.now() - startMs).toBeGreaterThan(LOOK_SECONDS * 1000)
    const memoryBytes = bundles.scaler.memoryMib * BYTES_PER_MIB
    expect(scaler.residentBytes).toBeLessThan(memoryBytes * 0.8)
    expect(api.residentBytes).toBeLessThan(bundles.api.memoryMib * BYTES_PER_MIB * 0.8)
  })

  test('a look that cannot see the fleet ends neither the loop nor the function', async () => {
    const blind = await start('scaler', { AWS_ENDPOINT_URL_ECS: NOWHERE })
    await blind.invoke(MINUTE_EVENT, TWO_SECONDS_LEFT_MS)
    const looks = await waitFor('more looks than one to be logged', () => {
      const found = blind.log.split('\n').filter((line) => line.includes('"part":"fleet"'))
      return found.length > 1 && found
    })
    expect(looks.every((line) => line.includes('"level":"warn"'))).toBe(true)
  })
})
