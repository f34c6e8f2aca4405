import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { findFreePort } from '../../../worker/query/model.ts'
import { callModel, type ModelCall } from '../../../worker/query/call-model.ts'
import { waitFor } from '../../support/wait-for.ts'
import { openFiles } from '../support/open-files.ts'

const LARGE_BYTES = 50_000_000

describe('a call of the model server', () => {
  let folder: string
  let servers: Server[]
  let sockets: Socket[]

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'call-model-'))
    servers = []
    sockets = []
    await writeFile(join(folder, 'body'), 'question')
  })

  afterEach(async () => {
    for (const socket of sockets) socket.destroy()
    for (const server of servers) server.close()
    await rm(folder, { recursive: true, force: true })
  })

  /** A server that says this text to each connection once it has heard something. */
  async function serve(text: string | undefined, then: 'stays' | 'ends' = 'stays') {
    const server = createServer((socket) => {
      sockets.push(socket)
      socket.on('error', () => undefined)
      socket.once('data', () => {
        if (text !== undefined) socket.write(text)
        if (then === 'ends') socket.end()
      })
    })
    servers.push(server)
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return (server.address() as AddressInfo).port
  }

  const call = (port: number, overrides: Partial<ModelCall> = {}) =>
    callModel({
      port,
      method: 'POST',
      path: '/',
      headers: {},
      bodyFile: join(folder, 'body'),
      answerFile: join(folder, 'answer'),
      maxAnswerBytes: 1_000_000,
      signal: AbortSignal.timeout(20_000),
      ...overrides,
    })

  it('ends when the server changes the protocol, and says with which status', async () => {
    const port = await serve('HTTP/1.1 101 X\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n')
    const message = expect.stringContaining('101') as string
    expect(await call(port)).toMatchObject({ kind: 'unreachable', message })
  })

  it('takes a 101 that changes nothing for an answer like any other', async () => {
    const port = await serve('HTTP/1.1 101 X\r\n\r\n', 'ends')
    expect(await call(port)).toMatchObject({ kind: 'answered', statusCode: 101 })
  })

  it.each(['100 Continue', '103 Early Hints'])(
    'waits for the answer that comes after a %s',
    async (early) => {
      const port = await serve(
        `HTTP/1.1 ${early}\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nyes`,
      )
      expect(await call(port)).toMatchObject({ kind: 'answered', statusCode: 200, bytes: 3 })
    },
  )

  it('ends when the server takes a CONNECT for what it is', async () => {
    const port = await serve('HTTP/1.1 200 OK\r\n\r\n')
    const answer = await call(port, { method: 'CONNECT', path: 'elsewhere:1' })
    expect(answer).toMatchObject({ kind: 'unreachable' })
  })

  it('ends when the connection is closed without a word', async () => {
    expect(await call(await serve(undefined, 'ends'))).toMatchObject({ kind: 'unreachable' })
  })

  it.each([
    undefined,
    'HTTP/1.1 100 Continue\r\n\r\n',
    'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc',
  ])('is over at once when it is aborted, whatever came before (%j)', async (text) => {
    const aborting = new AbortController()
    const port = await serve(text)
    const answer = call(port, { signal: aborting.signal })
    await waitFor('the connection', () => sockets.length > 0)
    aborting.abort()
    expect(await answer).toMatchObject({ kind: 'aborted' })
    expect(await call(port, { signal: aborting.signal })).toMatchObject({ kind: 'aborted' })
  })

  it('tells a server that takes no connection from one that breaks it', async () => {
    expect(await call(await findFreePort())).toMatchObject({
      kind: 'refused',
      message: expect.stringContaining('ECONNREFUSED') as string,
    })
  })

  it('says after how many bytes an answer was cut off', async () => {
    const port = await serve('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc', 'ends')
    expect(await call(port)).toEqual({
      kind: 'unreachable',
      message: 'the answer was cut off after 3 bytes',
    })
  })

  it('throws what this machine cannot do, so that the server is not blamed', async () => {
    const port = await serve('HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc')
    await expect(call(port, { answerFile: join(folder, 'no', 'answer') })).rejects.toThrow('ENOENT')
    await expect(call(port, { bodyFile: join(folder, 'no') })).rejects.toThrow('ENOENT')
  })

  it('leaves no file open when the server goes before it has read the body', async () => {
    const bodyFile = join(folder, 'large')
    await writeFile(bodyFile, Buffer.alloc(LARGE_BYTES))
    const port = await serve('HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n', 'ends')
    await call(port, { bodyFile })
    for (const socket of sockets) socket.destroy()
    await waitFor('the file to be closed', () => !openFiles().includes(bodyFile))
    expect(openFiles()).not.toContain(bodyFile)
  })
})
