import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

interface Received {
  readonly method: string
  readonly url: string
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

/** A server that remembers what it was asked, and answers as a test says. */
export async function aServer() {
  const received: Received[] = []
  let answer: (request: Received, response: ServerResponse) => void = () => undefined
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const { method = '', url = '', headers } = request
      const whole = { method, url, headers, body: Buffer.concat(chunks).toString('utf8') }
      received.push(whole)
      answer(whole, response)
    })
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    answerWith(next: typeof answer): void {
      received.length = 0
      answer = next
    },
    answerJson(value: unknown, status = 200): void {
      received.length = 0
      answer = (_request, response) => {
        response.writeHead(status, { 'content-type': 'application/json' })
        response.end(JSON.stringify(value))
      }
    },
    close(): void {
      server.closeAllConnections()
      server.close()
    },
  }
}
