/**
 * The HTTP between a worker and its model server, on `node:http`. undici 7.30 is no replacement: it
 * gives up an answer in front of which the server sends a `100 Continue` that was not asked for
 * (RFC 9110, section 15.2 has clients take it), and fails an assertion of its own at a 101.
 *
 * No time-out stands here: a model may take its time. The signal of the call, which aborts with the
 * attempt's limit or order, ends it whatever the server does.
 */
import { createReadStream, createWriteStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { type ClientRequest, type IncomingMessage, request as httpRequest } from 'node:http'
import type { Duplex } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { MODEL_HOST } from './model.ts'

export interface ModelCall {
  readonly port: number
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  /** File with the body; an empty one is sent as no body. */
  readonly bodyFile: string
  /** Where the answer goes. */
  readonly answerFile: string
  readonly maxAnswerBytes: number
  /** Ends the call at once, whatever the server does: the only bound in time. */
  readonly signal: AbortSignal
}

export type ModelAnswer =
  | {
      readonly kind: 'answered'
      readonly statusCode: number
      readonly contentType: string
      readonly bytes: number
    }
  | { readonly kind: 'too-large' }
  /** No connection, so that not a byte of the request was sent. */
  | { readonly kind: 'refused'; readonly message: string }
  /** Reset, cut off, or no HTTP: the server may have worked on it. */
  | { readonly kind: 'unreachable'; readonly message: string }
  | { readonly kind: 'aborted' }

type Failed = Exclude<ModelAnswer, { kind: 'answered' }>

/** What the server did. Any other error comes from this machine's disk and is thrown. */
class ModelFault extends Error {
  readonly answer: Failed

  constructor(answer: Failed) {
    super(answer.kind)
    this.answer = answer
  }
}

/**
 * One HTTP request to the model server. Redirects are answers like any other.
 *
 * @throws Error when the files of the call cannot be read or written
 */
export async function callModel(call: ModelCall): Promise<ModelAnswer> {
  const aborted = Promise.withResolvers<ModelAnswer>()
  const abort = (): void => aborted.resolve({ kind: 'aborted' })
  call.signal.addEventListener('abort', abort, { once: true })
  if (call.signal.aborted) abort()
  try {
    // The race is the bound: no event that a server can keep back is waited for.
    return await Promise.race([exchange(call), aborted.promise])
  } catch (error) {
    if (call.signal.aborted) return { kind: 'aborted' }
    if (error instanceof ModelFault) return error.answer
    throw error
  } finally {
    call.signal.removeEventListener('abort', abort)
  }
}

async function exchange(call: ModelCall): Promise<ModelAnswer> {
  const response = await send(call)
  const bytes = await save(response, call)
  return {
    kind: 'answered',
    statusCode: response.statusCode ?? 0,
    contentType: response.headers['content-type'] ?? 'application/octet-stream',
    bytes,
  }
}

async function send(call: ModelCall): Promise<IncomingMessage> {
  const { port, method, path, headers, bodyFile, signal } = call
  const { size } = await stat(bodyFile)
  const answered = Promise.withResolvers<IncomingMessage>()
  const outgoing = httpRequest({
    host: MODEL_HOST,
    port,
    method,
    path,
    // Always sent: without the length a server may wait for a body.
    headers: { ...headers, ...(size > 0 || method !== 'GET' ? { 'content-length': size } : {}) },
    signal,
    agent: false,
  })
  outgoing.once('response', answered.resolve)
  refuseSwitch(outgoing, answered.reject)
  watchFailure(outgoing, answered.reject)
  if (size === 0) outgoing.end()
  else sendBody(bodyFile, outgoing, answered.reject)
  return answered.promise
}

type Reject = (why: unknown) => void

/** A request that ends without an answer always says so: by `error`, or at the least by `close`. */
function watchFailure(outgoing: ClientRequest, reject: Reject): void {
  let isConnected = false
  outgoing.once('socket', (socket) => {
    socket.once('connect', () => {
      isConnected = true
    })
  })
  // Also after the answer, whose own stream tells then.
  outgoing.on('error', ({ message }) => {
    reject(new ModelFault({ kind: isConnected ? 'unreachable' : 'refused', message }))
  })
  outgoing.once('close', () => {
    const message = 'the connection was closed without an answer'
    reject(new ModelFault({ kind: 'unreachable', message }))
  })
}

/** An answer that hands over the connection (101, or 2xx to CONNECT) comes as no `response`. */
function refuseSwitch(outgoing: ClientRequest, reject: Reject): void {
  const refuse = ({ statusCode }: IncomingMessage, socket: Duplex): void => {
    socket.destroy()
    const message = `the model server answered with ${statusCode} and changed the protocol`
    reject(new ModelFault({ kind: 'unreachable', message }))
  }
  outgoing.once('upgrade', refuse)
  outgoing.once('connect', refuse)
}

function sendBody(file: string, outgoing: ClientRequest, reject: Reject): void {
  const body = createReadStream(file)
  body.on('error', reject)
  // A server may answer, or go, before it has read all.
  outgoing.once('close', () => body.destroy())
  body.pipe(outgoing)
}

async function save(response: IncomingMessage, call: ModelCall): Promise<number> {
  let bytes = 0
  async function* read(): AsyncGenerator<Buffer> {
    try {
      for await (const piece of response as AsyncIterable<Buffer>) {
        bytes += piece.length
        if (bytes > call.maxAnswerBytes) throw new ModelFault({ kind: 'too-large' })
        yield piece
      }
    } catch (error) {
      throw error instanceof ModelFault ? error : cutOff(bytes)
    }
  }
  await pipeline(read(), createWriteStream(call.answerFile), { signal: call.signal })
  if (!response.complete) throw cutOff(bytes)
  return bytes
}

function cutOff(bytes: number): ModelFault {
  const message = `the answer was cut off after ${bytes} bytes`
  return new ModelFault({ kind: 'unreachable', message })
}
