import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { build } from 'esbuild'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { connect } from '../../lib/client/connect.ts'
import { aLiveApi, type LiveApi, TOKEN } from '../support/a-live-api.ts'

let api: LiveApi
let folder: string
beforeAll(async () => {
  api = await aLiveApi()
  folder = mkdtempSync(join(tmpdir(), 'scalable-job-client-'))
})
afterEach(() => api.recover())
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true })
  await api.close()
})

const client = () => connect({ url: api.url, token: TOKEN, env: {} })

/** What an answer says of a job besides what every job has. */
async function aJob(more: object = {}): Promise<object> {
  const { id } = await client().submit({ taskType: 'command', command: 'true' })
  return { ...(await client().get(id)), ...more }
}

describe('connect finds the service', () => {
  const found = (options: Parameters<typeof connect>[0]) => connect({ cwd: folder, ...options }).url
  const state = () => join(folder, '.scalable-job')
  const writeAddress = (text: string) => {
    mkdirSync(state(), { recursive: true })
    writeFileSync(join(state(), 'address.json'), text)
  }

  test('that the options name, before the environment, before the one in this folder', () => {
    writeAddress(JSON.stringify({ url: 'http://here:1', token: 't' }))
    const env = { SCALABLE_JOB_API_URL: 'http://there:1' }
    expect(found({ env, url: 'http://named:1' })).toBe('http://named:1')
    expect(found({ env })).toBe('http://there:1')
    expect(found({ env: { SCALABLE_JOB_API_URL: '' } })).toBe('http://here:1')
    expect(found({ env: {}, cwd: '/nowhere', stateDir: state() })).toBe('http://here:1')
    const elsewhere = { SCALABLE_JOB_STATE_DIR: state() }
    expect(found({ env: elsewhere, cwd: '/nowhere' })).toBe('http://here:1')
  })

  test('with its token, unless another one is given; that of the environment goes elsewhere', async () => {
    const seen: (string | null)[] = []
    api.disturb((request) => {
      seen.push(request.headers.get('authorization'))
      return Response.json({ status: 'ok', service: 's', version: 'v' })
    })
    writeAddress(JSON.stringify({ url: api.url, token: 'beside' }))
    const env = { SCALABLE_JOB_TOKEN: 'environment' }
    await connect({ cwd: folder, env }).health()
    await connect({ cwd: folder, env, token: 'given' }).health()
    await connect({ url: api.url, env }).health()
    await connect({ url: api.url, env, token: 'given' }).health()
    expect(seen).toEqual(['beside', 'given', 'environment', 'given'].map((t) => `Bearer ${t}`))
  })

  test('and says so where nothing names one', () => {
    const error = expect.objectContaining({ code: 'no-service', fix: expect.any(String) })
    expect(() => connect({ env: {}, cwd: '/nowhere' })).toThrow(error)
  })

  test.each([['no JSON'], ['[]'], ['null'], ['{"url":1}'], ['{"url":"http://a","token":2}']])(
    'and says so where the file of the address holds %s',
    (text) => {
      writeAddress(text)
      expect(() => found({ env: {} })).toThrow('is not the address of a service')
    },
  )
})

describe('wait', () => {
  test('ends with the job as it stands once the job has ended', async () => {
    const { id } = await client().submit({ taskType: 'command', command: 'true' })
    const waiting = client().wait(id)
    await client().cancel(id)
    expect(await waiting).toMatchObject({ id, status: 'canceled' })
  })

  test('goes on while the service is away', async () => {
    const { id } = await client().submit({ taskType: 'command', command: 'true' })
    await client().cancel(id)
    let away = 5
    api.disturb((request) => {
      away -= 1
      return away >= 0 ? new Response('', { status: 502 }) : api.front(request)
    })
    expect(await client().wait(id)).toMatchObject({ status: 'canceled' })
    expect(away).toBeLessThan(0)
  })

  test('stops at once when its caller stops it, and for a job that nobody knows', async () => {
    const { id } = await client().submit({ taskType: 'command', command: 'true' })
    const stop = new AbortController()
    const waiting = client().wait(id, { signal: stop.signal })
    stop.abort(new Error('enough'))
    await expect(waiting).rejects.toThrow('enough')
    await expect(client().wait('3711718195200000001')).rejects.toMatchObject({ code: 'not-found' })
  })
})

test('logs gives each line once, page after page, until everything is read', async () => {
  const line = (text: string) => ({ attempt: 1, stream: 'stdout', at: '', text, cursor: text })
  const pages = [
    { lines: [line('one'), line('two')], cursor: 'a', done: false },
    { lines: [], cursor: 'a', done: false },
    { lines: [line('three')], cursor: 'b', done: true },
  ]
  const asked: (string | null)[] = []
  api.disturb((request) => {
    asked.push(new URL(request.url).searchParams.get('cursor'))
    return Response.json({ jobId: '1', status: 'running', ...pages[asked.length - 1] })
  })
  const texts: string[] = []
  for await (const { text } of client().logs('1')) texts.push(text)
  expect(texts).toEqual(['one', 'two', 'three'])
  expect(asked).toEqual([null, 'a', 'a'])
})

describe('an answer', () => {
  test.each([
    ['a newer service has words and fields of its own', { status: 'paused', more: 1 }, undefined],
    ['a field has another type', { tags: { a: 1 } }, '"tags.a" is not'],
    ['a part of it has', { attempts: [{ attempt: 'x' }] }, '"attempts.0.attempt" is not'],
    ['a list is none', { attempts: {} }, '"attempts" is not'],
    ['a map is none', { env: [] }, '"env" is not'],
    ['an optional field has another type', { exitCode: 'x' }, '"exitCode" is not'],
    ['a field is missing', { id: undefined }, '"id" is not'],
  ])('is taken only as what the API answers: %s', async (_, more, mistake) => {
    const answer = await aJob(more)
    api.disturb(() => Response.json(answer))
    const reading = client().get('1')
    if (mistake === undefined) expect(await reading).toMatchObject(more)
    else await expect(reading).rejects.toThrow(mistake)
  })
})

test('the library carries no schema library, no database and no command line', async () => {
  const { metafile } = await build({
    entryPoints: [resolve(import.meta.dirname, '../../lib/client/connect.ts')],
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    write: false,
    metafile: true,
    logLevel: 'silent',
  })
  const inputs = Object.keys(metafile.inputs)
  expect(
    inputs.filter((path) => !/^lib\/(client|registry|job)\/|^package\.json$/.test(path)),
  ).toEqual([])
  const imported = Object.values(metafile.outputs).flatMap(({ imports }) => imports)
  expect(imported.map(({ path }) => path).filter((path) => !path.startsWith('node:'))).toEqual([])
  expect(imported.map(({ path }) => path)).not.toContain('node:sqlite')
})
