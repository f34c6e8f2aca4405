import type { Server } from 'node:http'

/**
 * Ends the connection of a request that goes on after its answer: nobody reads it, and Node would
 * swallow it to its end, for which a client may take its time. What is on its way has `graceMs` to
 * arrive, so that the client still reads the answer.
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
