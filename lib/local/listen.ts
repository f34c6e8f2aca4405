import type { Server } from 'node:http'
import { createAdaptorServer } from '@hono/node-server'
import { ServiceError, showValue } from '../core/errors.ts'

type Handler = (request: Request) => Response | Promise<Response>

export interface Listener {
  /** An address that programs of this machine can use, whatever it listens on. */
  readonly url: string
  /** Before this, requests are answered with 503: the port is known first, the service comes up after. */
  serve(handler: Handler): void
  /** Stops listening; requests under way end, at most `graceMs`. */
  close(graceMs: number): Promise<void>
}

// A client that opens a connection and says nothing must not hold it (slow loris).
const HEADERS_TIMEOUT_MS = 15_000
// A large upload on a slow line is legitimate; a day is not.
const REQUEST_TIMEOUT_MS = 3_600_000

/**
 * Listens on `host:port`, 0 for any free port.
 *
 * @throws ServiceError `address-in-use`
 */
export async function listen({ host, port }: { host: string; port: number }): Promise<Listener> {
  let handler: Handler = () => new Response('starting', { status: 503 })
  const server = createAdaptorServer({ fetch: (request) => handler(request) }) as Server
  server.headersTimeout = HEADERS_TIMEOUT_MS
  server.requestTimeout = REQUEST_TIMEOUT_MS
  await open(server, host, port)
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

/** "Every address of this machine" is none that a link could name. */
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
