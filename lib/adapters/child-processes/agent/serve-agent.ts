import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import type { Hono } from 'hono'

export interface AgentServer {
  /** `http://127.0.0.1:<port>`, without a slash at the end. */
  readonly address: string
  close(): Promise<void>
}

const REQUEST_TIMEOUT_MS = 5_000

/** Serves on a free port that only this machine reaches. */
export async function serveAgent(app: Hono): Promise<AgentServer> {
  const listener = getRequestListener(app.fetch)
  const server = createServer({ requestTimeout: REQUEST_TIMEOUT_MS }, (request, response) => {
    void listener(request, response)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  // A connection that cannot be accepted must not end the supervisor and its workers.
  server.on('error', (error) => process.emitWarning(error))
  const { port } = server.address() as AddressInfo
  return { address: `http://127.0.0.1:${port}`, close: () => close(server) }
}

async function close(server: Server): Promise<void> {
  const closed = once(server, 'close')
  server.close()
  server.closeAllConnections()
  await closed
}
