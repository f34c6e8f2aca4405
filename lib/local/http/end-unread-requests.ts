import type { Server } from 'node:http'

/**
 * Closes the connection of a request whose body is still coming after the answer. Nobody reads it, and
 * Node would discard it to its end, however slowly a client sends. The connection stays open for
 * `graceMs`, so that the client can read the answer.
 */
export function endUnreadRequests(server: Server, graceMs: number): void {
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
