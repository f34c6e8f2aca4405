import { randomUUID } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import { getRequestListener, RequestError } from '@hono/node-server'
import { toErrorResponse } from '../../registry/http-answers.ts'
import { ServiceError, showValue } from '../../registry/errors.ts'

type Handler = (request: Request) => Response | Promise<Response>

export interface Listener {
  /** An address that programs of this machine can use, whatever it listens on. */
  readonly url: string
  /** Before this, requests are answered with 503: the port is known first, the service comes up after. */
  serve(handler: Handler): void
  /** Stops listening; requests under way end, at most `graceMs`. */
  close(graceMs: number): Promise<void>
}

/** What one client may take of the server, in milliseconds and pieces. */
export interface ConnectionLimits {
  /** From the first byte of a request to the end of its head: nobody sends one byte by byte. */
  readonly headersMs: number
  /** From the first byte of a request to its last. */
  readonly requestMs: number
  /** Of a connection on which nothing moves, either way. */
  readonly silenceMs: number
  /** Of a connection that waits for its next request. */
  readonly idleMs: number
  /** How often the first two are looked at; Node's own 30 s would double them. */
  readonly lookMs: number
  /** At a time. Below the 1024 open files that many systems give, of which the stores need some. */
  readonly connections: number
}

const LIMITS: ConnectionLimits = {
  headersMs: 10_000,
  // A large upload on a slow line is legitimate; a day is not.
  requestMs: 3_600_000,
  // Longer than the longest poll (20 s), and than a log stream is silent (15 s).
  silenceMs: 60_000,
  idleMs: 5_000,
  lookMs: 1_000,
  connections: 800,
}

/** For bytes that were sent before the client could know the answer. */
const UNREAD_MS = 500
const STARTING_RETRY_SECONDS = 1

/**
 * Listens on `host:port`, 0 for any free port. However slowly clients send or take, each of them is
 * let go within `limits`.
 *
 * @throws ServiceError `address-in-use`
 */
export async function listen({
  host,
  port,
  limits = LIMITS,
}: {
  readonly host: string
  readonly port: number
  readonly limits?: ConnectionLimits
}): Promise<Listener> {
  let handler: Handler = answerStarting
  const answer = getRequestListener((request) => handler(request), { errorHandler: refuse })
  const server = createServer(
    {
      headersTimeout: limits.headersMs,
      requestTimeout: limits.requestMs,
      keepAliveTimeout: limits.idleMs,
      connectionsCheckingInterval: limits.lookMs,
    },
    (request, response) => void answer(request, response),
  )
  endUnreadRequests(server, UNREAD_MS)
  server.timeout = limits.silenceMs
  server.maxConnections = limits.connections
  await open(server, host, port)
  // A connection that could not be accepted (no file left) must not end those that are served.
  server.on('error', (error) => process.emitWarning(error))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no address to listen on')
  return {
    url: `http://${toReachable(host)}:${address.port}`,
    serve: (next) => {
      handler = next
    },
    close: (graceMs) => close(server, graceMs),
  }
}

/**
 * Closes the connection of a request whose body is still coming after the answer. Nobody reads it, and
 * Node would discard it to its end, however slowly a client sends. The connection stays open for
 * `graceMs`, so that the client can read the answer.
 */
function endUnreadRequests(server: Server, graceMs: number): void {
  server.on('request', (request, response) => {
    response.once('finish', () => {
      if (request.complete) return
      const timer = setTimeout(() => {
        if (!request.complete) request.destroy()
      }, graceMs)
      request.once('close', () => clearTimeout(timer))
    })
  })
}

function answerStarting(): Response {
  const error = new ServiceError('service-unavailable', 'the service is starting', {
    retryAfterSeconds: STARTING_RETRY_SECONDS,
  })
  return toErrorResponse(error, randomUUID())
}

/** A request without a valid address; or a fault of a handler, which has logged it itself. */
function refuse(error: unknown): Response {
  return toErrorResponse(toServiceError(error), randomUUID())
}

function toServiceError(error: unknown): ServiceError {
  if (!(error instanceof RequestError)) {
    return new ServiceError('internal', 'something went wrong inside the service')
  }
  const problem = 'has an address or a host that HTTP does not allow'
  return new ServiceError('invalid-request', `the request ${problem}`, {
    details: [{ path: 'request', problem, allowed: 'a path that begins with "/"' }],
    cause: error,
  })
}

/** A link cannot name "every address of this machine". */
const WILDCARDS: Readonly<Record<string, string>> = {
  '0.0.0.0': '127.0.0.1',
  '': '127.0.0.1',
  '::': '[::1]',
  '::0': '[::1]',
}

function toReachable(host: string): string {
  return WILDCARDS[host] ?? (host.includes(':') ? `[${host}]` : host)
}

function open(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const details = [
        { path: '--port', problem: error.code ?? error.message, got: showValue(port) },
      ]
      const message = `cannot listen on ${host}:${port}: ${error.message}`
      reject(new ServiceError('address-in-use', message, { details, cause: error }))
    })
    server.listen(port, host, resolve)
  })
}

async function close(server: Server, graceMs: number): Promise<void> {
  const closed = new Promise<void>((resolve) => {
    server.close(() => resolve())
  })
  server.closeIdleConnections()
  const timer = setTimeout(() => server.closeAllConnections(), graceMs)
  await closed
  clearTimeout(timer)
}
