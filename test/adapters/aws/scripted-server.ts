import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { useTestCredentials } from './test-credentials.ts'

/** One request as a test sees it. */
export interface Received {
  readonly method: string
  readonly path: string
  /** `GetItem` of `DynamoDB_20120810.GetItem`; empty for S3. */
  readonly action: string
  readonly headers: IncomingMessage['headers']
  readonly body: Buffer
}

/** An answer as it goes over the wire. */
export interface Answer {
  readonly status: number
  readonly body: string | Uint8Array
  readonly headers?: Record<string, string>
}

export type Reply =
  | Answer
  /** Takes the request and never answers. */
  | 'hang'
  /** Sends the head of an answer and never its body. */
  | 'stall'
  /** Takes the request and drops the connection. */
  | 'drop'

export interface ScriptedServer {
  readonly endpoint: string
  /** Everything received so far, in order. */
  readonly received: readonly Received[]
  stop(): Promise<void>
}

/** A server that answers as the test says, over real HTTP. */
export async function startScripted(
  answer: (request: Received, count: number) => Reply | Promise<Reply>,
): Promise<ScriptedServer> {
  useTestCredentials()
  const received: Received[] = []
  const server = createServer((request, response) => {
    void (async () => {
      const arrived = await toReceived(request)
      received.push(arrived)
      send(response, await answer(arrived, received.length))
    })()
  })
  const { promise: listening, resolve: start } = Promise.withResolvers<void>()
  server.listen(0, '127.0.0.1', () => start())
  await listening
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port is free')
  const stop = async (): Promise<void> => {
    const { promise: closed, resolve: close } = Promise.withResolvers<void>()
    server.close(() => close())
    server.closeAllConnections()
    await closed
  }
  return { endpoint: `http://127.0.0.1:${address.port}`, received, stop }
}

/** Answers with JSON, as DynamoDB, SQS and ECS do. */
export function json(value: unknown, status = 200): Answer {
  const headers = { 'content-type': 'application/x-amz-json-1.0' }
  return { status, body: JSON.stringify(value), headers }
}

/** An error of DynamoDB, SQS or ECS. */
export function jsonError(name: string, status = 400, more: object = {}): Answer {
  return json({ __type: name, message: `${name} for the test`, ...more }, status)
}

/** An error of S3. */
export function xmlError(code: string, status: number): Answer {
  const body = `<?xml version="1.0"?><Error><Code>${code}</Code><Message>test</Message></Error>`
  return { status, body, headers: { 'content-type': 'application/xml' } }
}

/** Sends a request on to a real emulator and gives its answer. */
export async function forward(endpoint: string, request: Received): Promise<Answer> {
  const headers = new Headers()
  for (const [name, value] of Object.entries(request.headers)) {
    const isHop = name === 'connection' || name === 'content-length' || name === 'expect'
    if (typeof value === 'string' && !isHop) headers.set(name, value)
  }
  const { method, path, body } = request
  const hasBody = method !== 'GET' && method !== 'HEAD'
  const answer = await fetch(`${endpoint}${path}`, {
    method,
    headers,
    ...(hasBody && { body: Uint8Array.from(body) }),
  })
  const answered = Object.fromEntries(answer.headers)
  // Of a HEAD it tells the size of what is not sent.
  if (method !== 'HEAD') delete answered['content-length']
  delete answered['transfer-encoding']
  delete answered['connection']
  const bytes = new Uint8Array(await answer.arrayBuffer())
  return { status: answer.status, body: bytes, headers: answered }
}

/** Reads a request to its end. */
export async function toReceived(request: IncomingMessage): Promise<Received> {
  const target = String(request.headers['x-amz-target'] ?? '')
  return {
    method: request.method ?? '',
    path: request.url ?? '',
    action: target.slice(target.lastIndexOf('.') + 1),
    headers: request.headers,
    body: await buffer(request),
  }
}

/** Answers as the reply says. */
export function send(response: ServerResponse, reply: Reply): void {
  if (reply === 'hang') return
  if (reply === 'drop') {
    response.socket?.destroy()
    return
  }
  if (reply === 'stall') {
    response.writeHead(200, { 'content-length': '1000', 'content-type': 'application/json' })
    response.flushHeaders()
    return
  }
  response.writeHead(reply.status, reply.headers)
  response.end(reply.body)
}
