import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { callModel } from '../../../worker/query/call-model.ts'

const MAX_ANSWER_BYTES = 1_000_000
const WITHIN_MS = 1_500
const OK = 'HTTP/1.1 200 OK\r\n'
const BOMB = gzipSync(Buffer.alloc(100_000_000))

let folder: string
let server: Server
let speak: (socket: Socket) => void
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'hostile-model-'))
  writeFileSync(join(folder, 'body'), 'question')
  server = createServer((socket) => {
    socket.on('error', () => undefined)
    socket.once('data', () => speak(socket))
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
})
afterAll(() => {
  server.close()
  rmSync(folder, { recursive: true, force: true })
})

/** Writes again and again until nobody listens. */
function pour(socket: Socket, piece: string | Uint8Array): void {
  const more = (): void => {
    while (!socket.destroyed && socket.write(piece));
  }
  socket.on('drain', more)
  more()
}

function trickle(socket: Socket, piece: string): void {
  const timer = setInterval(() => socket.write(piece), 20)
  socket.on('close', () => clearInterval(timer))
}

test.each<[string, (socket: Socket) => void, string]>([
  [
    'a body without end',
    (socket) => {
      socket.write(`${OK}Transfer-Encoding: chunked\r\n\r\n`)
      pour(socket, `4000\r\n${'x'.repeat(0x4000)}\r\n`)
    },
    'too-large',
  ],
  [
    'a body that says no length',
    (socket) => {
      socket.write(`${OK}\r\n`)
      pour(socket, 'x'.repeat(65_536))
    },
    'too-large',
  ],
  [
    'a length beyond all bounds',
    (socket) => {
      socket.write(`${OK}Content-Length: 99999999999999\r\n\r\n`)
      pour(socket, 'x'.repeat(65_536))
    },
    'too-large',
  ],
  [
    'a body that trickles',
    (socket) => {
      socket.write(`${OK}Transfer-Encoding: chunked\r\n\r\n`)
      trickle(socket, '1\r\nx\r\n')
    },
    'aborted',
  ],
  [
    'a head that trickles',
    (socket) => {
      socket.write(OK)
      trickle(socket, 'X-A: b\r\n')
    },
    'aborted',
  ],
  [
    'heads without end before the answer',
    (socket) => pour(socket, 'HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n'),
    'aborted',
  ],
  [
    'a header of a megabyte',
    (socket) => socket.write(`${OK}X-A: ${'x'.repeat(1_000_000)}\r\n\r\n`),
    'unreachable',
  ],
  [
    'a hundred thousand headers',
    (socket) => socket.write(`${OK}${'X-A: b\r\n'.repeat(100_000)}\r\n`),
    'unreachable',
  ],
  [
    'chunks with extensions without end',
    (socket) => {
      socket.write(`${OK}Transfer-Encoding: chunked\r\n\r\n`)
      pour(socket, `1;${'a=b;'.repeat(10_000)}`)
    },
    'unreachable',
  ],
  [
    'two lengths',
    (socket) => socket.write(`${OK}Content-Length: 1\r\nContent-Length: 2\r\n\r\nxx`),
    'unreachable',
  ],
  ['another status line', (socket) => socket.write('HTTP/1.1 999999 X\r\n\r\n'), 'unreachable'],
  ['no HTTP', (socket) => pour(socket, '\u0000\u0001\u0002'.repeat(5_000)), 'unreachable'],
])('a model server with %s: ends within its bound', { timeout: 20_000 }, async (_, says, kind) => {
  speak = says
  const answer = await call()
  expect(answer.kind).toBe(kind)
  expect(
    statSync(join(folder, 'answer'), { throwIfNoEntry: false })?.size ?? 0,
  ).toBeLessThanOrEqual(MAX_ANSWER_BYTES + 65_536)
})

test('a compressed answer is kept as it came, and never unpacked', async () => {
  speak = (socket) => {
    socket.write(`${OK}Content-Encoding: gzip\r\nContent-Length: ${BOMB.length}\r\n\r\n`)
    socket.write(BOMB)
  }
  expect(await call()).toMatchObject({ kind: 'answered', bytes: BOMB.length })
})

function call() {
  return callModel({
    port: (server.address() as AddressInfo).port,
    method: 'POST',
    path: '/',
    headers: {},
    bodyFile: join(folder, 'body'),
    answerFile: join(folder, 'answer'),
    maxAnswerBytes: MAX_ANSWER_BYTES,
    signal: AbortSignal.timeout(WITHIN_MS),
  })
}
