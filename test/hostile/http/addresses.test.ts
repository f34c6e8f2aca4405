import { readFileSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { errorBodySchema } from '../../../lib/api/contract/answers.ts'
import { artifactKey, attemptPrefix } from '../../../lib/job/keys.ts'
import { aLiveApi, type LiveApi, TOKEN } from '../../support/a-live-api.ts'
import { exchange, type RawAnswer, toHead } from '../support/raw-connection.ts'
import { propertyRuns } from '../../support/property-runs.ts'

const MARK = 'OUTSIDE-OF-EVERY-JOB'
const AUTH = { Authorization: TOKEN }
/** A file of this machine that no request may read. */
const PASSWD = readFileSync('/etc/passwd', 'utf8').slice(0, 40)

let live: LiveApi
let job: string
beforeAll(async () => {
  live = await aLiveApi()
  await mkdir(join(live.folder, 'outside'))
  await writeFile(join(live.folder, 'outside', 'token'), MARK)
  const body = JSON.stringify({ taskType: 'command', command: 'true' })
  const accepted = await fetch(`${live.url}/jobs`, { method: 'POST', headers: AUTH, body })
  job = ((await accepted.json()) as { id: string }).id
  await live.start(job)
  await live.files.put({ key: artifactKey(attemptPrefix(job, 1), 'ok.txt'), body: 'kept' })
  await live.end(job)
})
afterAll(() => live.close())

function ask(target: string, method = 'GET', more: Record<string, string> = {}) {
  return exchange(live.url, toHead(`${method} ${target} HTTP/1.1`, { ...AUTH, ...more }))
}

/**
 * Refused in the shape of the API, with nothing of this machine in it. Dots are resolved before
 * anybody looks, so that the address may have become that of the page, which is for everybody.
 */
function expectRefused({ status, headers, body }: RawAnswer): void {
  const isPage = status === 200 && body.includes('<!doctype html>')
  expect(isPage || (status >= 400 && status < 500) ? 'fine' : `${status} ${body}`).toBe('fine')
  expect(body).not.toContain(PASSWD)
  expect(body).not.toContain(MARK)
  expect(body).not.toMatch(/\n\s+at /)
  if (headers['content-type']?.includes('json') !== true) return
  const text = headers['transfer-encoding'] === 'chunked' ? (body.split('\r\n')[1] ?? '') : body
  errorBodySchema.parse(JSON.parse(Buffer.from(text, 'latin1').toString('utf8')))
}

const SPELLINGS = [
  '..',
  '../..',
  '%2e%2e',
  '%2e%2e%2f%2e%2e',
  '.%2e',
  '..%2f..%2f..%2fetc%2fpasswd',
  '%252e%252e%252fetc%252fpasswd',
  '..%5c..%5cwindows',
  '%c0%ae%c0%ae%c0%af',
  '%00',
  'x%00.txt',
  '%2fetc%2fpasswd',
  '%0d%0aSet-Cookie:%20a=b',
  'ok.txt%20',
  'ok.txt%2f',
  '%EF%BC%8E%EF%BC%8E%EF%BC%8Fetc',
  `${'a%2f'.repeat(1_000)}x`,
  'x'.repeat(5_000),
]

const CLIMBS = SPELLINGS.map((climb) => [climb.slice(0, 40), climb] as const)

describe('a path that climbs leads nowhere', () => {
  test.each(CLIMBS)('%s, as the id of a job', async (_, climb) => {
    expectRefused(await ask(`/jobs/${climb}`, 'GET'))
    expectRefused(await ask(`/jobs/${climb}/result`, 'GET'))
  })

  test.each(CLIMBS)('%s, as an artifact', async (_, climb) => {
    expectRefused(await ask(`/jobs/${job}/artifacts?path=${climb}`))
    expectRefused(await ask(`/jobs/${job}/artifacts?path=ok.txt/${climb}`))
  })

  test.each(CLIMBS)('%s, as a file of a link', async (_, climb) => {
    expectRefused(await ask(`/files/jobs/${climb}?expires=99999999999&signature=x`))
    expectRefused(await ask(`/files/${climb}`))
  })

  test.each(CLIMBS)('%s, as a file of the console', async (_, climb) => {
    for (const target of [`/console/${climb}/serve-console.ts`, `/console/${climb}/x.json`]) {
      const { status, body } = await ask(target)
      expect(status).toBeGreaterThanOrEqual(400)
      expect(body).not.toContain('import ')
    }
  })
})

test('a path of the model server climbs in no spelling', async () => {
  for (const climb of SPELLINGS.slice(0, 6)) {
    const answer = await ask(`/api/predict/digits/a/${climb}/b`, 'POST', { 'Content-Length': '0' })
    // What a reader of addresses resolves before anybody looks is another address, and all right.
    if (answer.status === 200) {
      const id = answer.body
        .trim()
        .split('\r\n')
        .find((line) => /^\d{19}$/.test(line))
      const view = await fetch(`${live.url}/jobs/${id}`, { headers: AUTH })
      const { request } = (await view.json()) as { request: { path: string } }
      expect(decodeURIComponent(request.path)).not.toMatch(/(^|[/\\])\.\.?([/\\]|$)/)
    } else expectRefused(answer)
  }
})

describe('an address that is none is refused, and the server goes on', () => {
  test.each([
    ['a backslash', '/jobs\\..\\x', {}],
    ['an asterisk', '*', {}],
    ['nothing but a query', '?a=b', {}],
    ['two slashes', '//jobs', {}],
    ['another host in the target', 'http://evil.example/nowhere', {}],
    ['a broken address in the target', 'http://[::1/jobs', {}],
    ['a host that is none', '/nowhere', { Host: 'a b' }],
    ['a host with a path', '/nowhere', { Host: 'x/y?z#' }],
    ['a host with markup', '/nowhere', { Host: '<script>' }],
    ['half an escape', '/jobs/%', {}],
    ['an escape of nothing', '/jobs/%zz/logs', {}],
    ['half a character', '/jobs/%ff%fe', {}],
    ['a fragment', '/jobs#x', {}],
    ['bytes beyond ASCII', '/jobs/\u00e9', {}],
  ])('%s', async (_, target, headers) => {
    const answer = await ask(target, 'GET', headers)
    if (target !== '/jobs#x') expectRefused(answer)
    expect((await fetch(`${live.url}/healthz`)).status).toBe(200)
  })

  test.each(['TRACE', 'CONNECT', 'PROPFIND', 'OPTIONS', 'BREW', 'get', 'PRI'])(
    'the method %s',
    async (method) => {
      const answer = await ask('/jobs', method)
      expect([400, 405, 0]).toContain(answer.status)
      expect(answer.body).not.toContain(TOKEN)
      expect((await fetch(`${live.url}/healthz`)).status).toBe(200)
    },
  )
})

test('whatever stands in an address, the answer is below 500', async () => {
  const char = fc.integer({ min: 0x21, max: 0xff }).map((code) => String.fromCharCode(code))
  const piece = fc.oneof(
    fc.constantFrom('/', '..', '%2f', '%00', '?', '&', '=', '#', '\\', ':', '@', job, 'files'),
    fc.string({ unit: char, maxLength: 8 }),
  )
  const target = fc
    .tuple(fc.constantFrom('/jobs/', '/files/', '/console/', '/api/predict/', '/'), fc.array(piece))
    .map(([start, pieces]) => start + pieces.join(''))
  await fc.assert(
    fc.asyncProperty(target, async (text) => {
      const { status, body } = await ask(text)
      expect(`${text}: ${status < 500 ? 'fine' : body}`).toBe(`${text}: fine`)
    }),
    propertyRuns(400),
  )
})
