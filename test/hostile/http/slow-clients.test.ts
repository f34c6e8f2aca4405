import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { aLiveApi, type LiveApi, TOKEN } from '../../support/a-live-api.ts'
import { waitFor } from '../../support/wait-for.ts'
import { hurriedClock } from '../schemathesis/hurried-clock.ts'
import { RawConnection, toHead } from '../support/raw-connection.ts'

const LIMITS = {
  headersMs: 400,
  requestMs: 2_000,
  silenceMs: 700,
  idleMs: 300,
  lookMs: 50,
  connections: 30,
}
/** Far above each of the limits, for a machine with other things to do. */
const SOON_MS = 15_000
const AUTH = { Authorization: TOKEN }

let live: LiveApi
let open: RawConnection[] = []
beforeAll(async () => {
  live = await aLiveApi({ limits: LIMITS, clock: hurriedClock })
})
afterEach(async () => {
  await Promise.all(open.map((each) => each[Symbol.asyncDispose]()))
  open = []
})
afterAll(() => live.close())

async function connect(count = 1): Promise<RawConnection[]> {
  const made = await Promise.all(Array.from({ length: count }, () => RawConnection.open(live.url)))
  open.push(...made)
  return made
}

/** Sends a byte again and again until the server has had enough. */
async function trickle(connection: RawConnection, byte: string): Promise<void> {
  const endMs = performance.now() + SOON_MS
  while (!connection.isClosed && performance.now() < endMs) {
    connection.send(byte)
    await sleep(20)
  }
}

async function expectServed(): Promise<void> {
  const response = await fetch(`${live.url}/jobs`, { headers: AUTH })
  expect(response.status).toBe(200)
}

test('a head that never ends is let go, and others are served meanwhile', async () => {
  const connections = await connect(20)
  for (const each of connections) each.send('GET /jobs HTTP/1.1\r\nHost: x\r\n')
  const trickling = Promise.all(connections.map((each) => trickle(each, 'X-A: b\r\n')))
  await expectServed()
  await trickling
  for (const each of connections) expect(each.isClosed).toBe(true)
  expect(connections[0]?.received).toMatch(/^HTTP\/1.1 408 /)
})

test('a body that trickles is refused with what is wrong, and its connection ends', async () => {
  const [connection] = await connect()
  connection?.send(toHead('POST /jobs HTTP/1.1', { ...AUTH, 'Content-Length': '1000' }))
  const trickling = connection && trickle(connection, '{')
  await expectServed()
  await trickling
  expect(connection?.received).toMatch(/^HTTP\/1.1 400 [\s\S]*did not arrive within 60 s/)
})

test('a body without an end of its own is let go, whoever reads it', async () => {
  const [connection] = await connect()
  const upload = await fetch(`${live.url}/uploads`, { method: 'POST', headers: AUTH })
  const { uploadUrl } = (await upload.json()) as { uploadUrl: string }
  const { pathname, search } = new URL(uploadUrl)
  const head = { 'Transfer-Encoding': 'chunked' }
  connection?.send(toHead(`PUT ${pathname}${search} HTTP/1.1`, head))
  await Promise.all([connection && trickle(connection, '1\r\nx\r\n'), expectServed()])
  expect(connection?.isClosed).toBe(true)
})

test.each([
  ['that says nothing at all', ''],
  [
    'that announces a body and sends none',
    `POST /jobs HTTP/1.1\r\nHost: x\r\nAuthorization: ${TOKEN}\r\nContent-Length: 10\r\n\r\n`,
  ],
  ['that stays after its answer', 'GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n'],
])('a connection %s is let go', async (_, request) => {
  const [connection] = await connect()
  connection?.send(request)
  await connection?.closed(SOON_MS)
  await expectServed()
})

test('a client that does not take its answer is let go, and its file is closed', async () => {
  const job = await submit()
  await live.start(job)
  await live.keepArtifact(job, { path: 'large.bin', body: 'x'.repeat(30_000_000) })
  await live.end(job)
  const link = await fetch(`${live.url}/jobs/${job}/artifacts?path=large.bin`, {
    headers: AUTH,
    redirect: 'manual',
  })
  const { pathname, search } = new URL(link.headers.get('location') ?? '')
  const [connection] = await connect()
  connection?.pause()
  connection?.send(toHead(`GET ${pathname}${search} HTTP/1.1`))
  await expectServed()
  // Only what stands in the buffers of both ends comes, and then the end of the connection.
  await sleep(LIMITS.silenceMs * 3)
  connection?.resume()
  await connection?.closed(SOON_MS)
  expect(connection?.received.length).toBeLessThan(30_000_000)
})

test('more clients than there is room for are turned away, and room comes back by itself', async () => {
  const connections = await connect(LIMITS.connections + 20)
  await waitFor('the surplus to be turned away', () => {
    return connections.filter(({ isClosed }) => isClosed).length >= 20
  })
  const status = await waitFor('room', async () => {
    const response = await fetch(`${live.url}/healthz`).catch(() => undefined)
    return response?.status
  })
  expect(status).toBe(200)
})

async function submit(): Promise<string> {
  const body = JSON.stringify({ taskType: 'command', command: 'true' })
  const response = await fetch(`${live.url}/jobs`, { method: 'POST', headers: AUTH, body })
  return ((await response.json()) as { id: string }).id
}
