import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { jobInputKey } from '../../../lib/job/keys.ts'
import { aLiveApi, type LiveApi, TOKEN } from '../../support/a-live-api.ts'
import { aService } from '../../support/a-service.ts'
import { exchange, RawConnection, toHead } from '../support/raw-connection.ts'

const BODY_BYTES = 100_000
const AUTH = { Authorization: TOKEN }
const CHUNK = `1000\r\n${'x'.repeat(0x1000)}\r\n`
const SOON_MS = 15_000

let live: LiveApi
beforeAll(async () => {
  const service = aService()
  const intake = { ...service.intake, bodyBytes: BODY_BYTES }
  live = await aLiveApi({ service: { ...service, intake } })
})
afterAll(() => live.close())

async function expectServed(): Promise<void> {
  expect((await fetch(`${live.url}/jobs`, { headers: AUTH })).status).toBe(200)
}

/** Sends pieces until the server has closed. */
async function pour(connection: RawConnection, piece: string): Promise<number> {
  const endMs = performance.now() + SOON_MS
  let sent = 0
  while (!connection.isClosed && performance.now() < endMs) {
    if (connection.send(piece)) sent += piece.length
    else await new Promise((resume) => setTimeout(resume, 5))
  }
  return sent
}

describe('a body without end', () => {
  test.concurrent.each([
    ['a job', 'POST /jobs', AUTH, 413],
    ['a put', 'POST /api/predict/digits?taskType=query', AUTH, 413],
    ['receipts', 'POST /output/ack', AUTH, 413],
    ['nobody’s job', 'POST /jobs', {}, 401],
    ['a route that takes none', 'POST /uploads', AUTH, 201],
    ['a method that is none', 'PUT /jobs', AUTH, 405],
    ['no route', 'POST /nowhere', AUTH, 404],
    ['a page', 'POST /console', {}, 405],
    ['a link that is none', 'PUT /files/jobs/x?signature=y', {}, 403],
    ['an open route', 'GET /healthz', {}, 200],
  ])('for %s is answered, and its connection ends', async (_, route, headers, status) => {
    await using connection = await RawConnection.open(live.url)
    const head = { ...headers, 'Transfer-Encoding': 'chunked', Connection: 'keep-alive' }
    connection.send(toHead(`${route} HTTP/1.1`, head))
    const pouring = pour(connection, CHUNK)
    expect((await connection.answer()).status).toBe(status)
    await expectServed()
    await pouring
    expect(connection.isClosed).toBe(true)
  })
})

test('an announced length above the bound is refused before a byte of it is read', async () => {
  const headers = { ...AUTH, 'Content-Length': '99999999999999' }
  const answer = await exchange(live.url, toHead('POST /jobs HTTP/1.1', headers))
  expect(answer.status).toBe(413)
  expect(answer.body).toContain('payload-too-large')
})

test('an announced length of as much as there may be is refused at an upload link too', async () => {
  const upload = await fetch(`${live.url}/uploads`, { method: 'POST', headers: AUTH })
  const { uploadUrl } = (await upload.json()) as { uploadUrl: string }
  const { pathname, search } = new URL(uploadUrl)
  const head = { 'Content-Length': '9007199254740991' }
  const answer = await exchange(live.url, toHead(`PUT ${pathname}${search} HTTP/1.1`, head))
  expect(answer.status).toBe(413)
})

test('a compressed body is never unpacked: JSON is refused, a put is passed on as it came', async () => {
  const bomb = gzipSync(Buffer.alloc(50_000_000, 0x20))
  const headers = { ...AUTH, 'Content-Encoding': 'gzip' }
  const refused = await fetch(`${live.url}/jobs`, { method: 'POST', headers, body: bomb })
  expect(refused.status).toBe(400)
  expect(await refused.text()).toContain('invalid-json')
  const url = `${live.url}/api/predict/digits?taskType=query`
  const taken = await fetch(url, { method: 'POST', headers, body: bomb })
  const row = await live.table.get(jobInputKey(await taken.text()))
  expect(Buffer.from(row?.data['base64'] as string, 'base64').equals(bomb)).toBe(true)
})

test.each([
  ['a million parameters', `GET /jobs?${'a=1&'.repeat(1_000_000)} HTTP/1.1`, {}],
  ['a header of a megabyte', 'GET /jobs HTTP/1.1', { 'X-Large': 'x'.repeat(1_000_000) }],
  [
    'ten thousand headers',
    'GET /jobs HTTP/1.1',
    Object.fromEntries(Array.from({ length: 10_000 }, (_, index) => [`X-${index}`, 'y'])),
  ],
])('%s: refused before anything looks at it', async (_, first, headers) => {
  const answer = await exchange(live.url, toHead(first, { ...AUTH, ...headers }))
  // What was still on its way may cost it the answer: the connection is reset then.
  expect([431, 0]).toContain(answer.status)
  await expectServed()
})

test('as many parameters as fit into a head are answered at once', async () => {
  const startMs = performance.now()
  const query = 'a=1&'.repeat(3_500)
  const put = await fetch(`${live.url}/api/predict/digits?taskType=query&${query}`, {
    method: 'POST',
    headers: AUTH,
    body: 'x',
  })
  expect(put.status).toBe(400)
  const names = Array.from({ length: 1_800 }, (_, index) => `${index}=1`).join('&')
  const list = await fetch(`${live.url}/jobs?${names}`, { headers: AUTH })
  expect(list.status).toBe(400)
  expect((await list.text()).length).toBeLessThan(100_000)
  expect(performance.now() - startMs).toBeLessThan(SOON_MS)
})

test.each([
  ['nested arrays', `{"taskType":"query","input":${'['.repeat(40_000)}${']'.repeat(40_000)}}`],
  [
    'nested objects',
    `{"taskType":"query","input":${'{"a":'.repeat(15_000)}1${'}'.repeat(15_000)}}`,
  ],
  ['arrays that never close', '['.repeat(90_000)],
  ['a string that never closes', `"${'\\'.repeat(90_000)}`],
  ['a number of digits', '9'.repeat(90_000)],
])('%s: refused as a mistake of the caller', async (_, body) => {
  const response = await fetch(`${live.url}/jobs`, { method: 'POST', headers: AUTH, body })
  expect(response.status).toBe(400)
  expect((await response.text()).length).toBeLessThan(10_000)
  await expectServed()
})

describe('a request that two readers would read differently', () => {
  const body = '{"taskType":"command","command":"true"}'
  test.each([
    ['two lengths', 'Content-Length: 5\r\nContent-Length: 39\r\n'],
    ['a length and chunks', 'Content-Length: 39\r\nTransfer-Encoding: chunked\r\n'],
    ['an encoding twice', 'Transfer-Encoding: chunked, chunked\r\n'],
    ['an unknown encoding', 'Transfer-Encoding: xchunked\r\n'],
    ['a length that is none', 'Content-Length: 0x27\r\n'],
    ['a negative length', 'Content-Length: -1\r\n'],
    ['a space before the colon', 'Content-Length : 39\r\n'],
    ['a folded header', 'X-A: b\r\n c\r\nContent-Length: 39\r\n'],
    ['a bare line feed', 'X-A: b\nContent-Length: 39\r\n'],
    ['a NUL in a header', 'X-A: b\0c\r\nContent-Length: 39\r\n'],
  ])('%s: refused, and nothing is accepted', async (_, lines) => {
    const before = await countJobs()
    const head = `POST /jobs HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: ${TOKEN}\r\n`
    const answer = await exchange(live.url, `${head}${lines}\r\n${body}`)
    expect(answer.status).toBe(400)
    expect(await countJobs()).toBe(before)
  })
})

async function countJobs(): Promise<number> {
  const response = await fetch(`${live.url}/jobs?limit=200`, { headers: AUTH })
  return ((await response.json()) as { jobs: unknown[] }).jobs.length
}
