import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'

/** The ECS agent endpoint, as far as a worker process uses it: grants and releases. */
export class FakeAgent {
  readonly #server: Server
  kicks = 0

  constructor() {
    this.#server = createServer((request, response) => void this.#answer(request, response))
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const asked = await text(request)
    if (request.url === '/kick') this.kicks += 1
    const isOn = asked.includes('true')
    const until = new Date(Date.now() + 3_600_000).toISOString()
    const protection = { ProtectionEnabled: isOn, ExpirationDate: isOn ? until : null }
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify({ protection, failure: null }))
  }

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => {
      this.#server.listen(0, '127.0.0.1', resolve)
    })
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => {
      this.#server.close(resolve)
    })
  }
}
