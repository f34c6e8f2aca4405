import { createReadStream, createWriteStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { type IncomingMessage, request as httpRequest } from 'node:http'
import { Transform } from 'node:stream'
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
  /** Refused, reset, cut off, or no HTTP. */
  | { readonly kind: 'unreachable'; readonly message: string }
  | { readonly kind: 'aborted' }

class AnswerTooLarge extends Error {}

/** One HTTP request to the model server. Redirects are answers like any other. */
export async function callModel(call: ModelCall): Promise<ModelAnswer> {
  try {
    const response = await send(call)
    const bytes = await save(response, call)
    return {
      kind: 'answered',
      statusCode: response.statusCode ?? 0,
      contentType: response.headers['content-type'] ?? 'application/octet-stream',
      bytes,
    }
  } catch (error) {
    if (call.signal.aborted) return { kind: 'aborted' }
    if (error instanceof AnswerTooLarge) return { kind: 'too-large' }
    return { kind: 'unreachable', message: error instanceof Error ? error.message : String(error) }
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
    // Said in any case: a server may wait for a body whose length is not told.
    headers: { ...headers, ...(size > 0 || method !== 'GET' ? { 'content-length': size } : {}) },
    signal,
    agent: false,
  })
  outgoing.once('response', answered.resolve)
  outgoing.once('error', answered.reject)
  outgoing.on('error', () => undefined) // after the answer: its own stream tells
  if (size === 0) outgoing.end()
  else createReadStream(bodyFile).on('error', answered.reject).pipe(outgoing)
  return answered.promise
}

async function save(response: IncomingMessage, call: ModelCall): Promise<number> {
  let bytes = 0
  const counting = new Transform({
    transform(piece: Buffer, _encoding, done) {
      bytes += piece.length
      if (bytes > call.maxAnswerBytes) done(new AnswerTooLarge())
      else done(null, piece)
    },
  })
  await pipeline(response, counting, createWriteStream(call.answerFile))
  if (!response.complete) throw new Error('the answer was cut off')
  return bytes
}
