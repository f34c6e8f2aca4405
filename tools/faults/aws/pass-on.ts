import { Agent, type IncomingHttpHeaders, request as sendRequest } from 'node:http'
import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { buffer } from 'node:stream/consumers'
import type { Answer, Received } from '../../../test/adapters/aws/scripted-server.ts'

const agent = new Agent({ keepAlive: true, maxSockets: 200 })

/** Headers that belong to one connection alone. */
const OF_CONNECTION = ['connection', 'keep-alive', 'transfer-encoding', 'expect', 'content-length']

/**
 * Sends a request on as it came, with the host that its sender named: links are signed for it.
 * `fetch` would put its own.
 */
export async function passOn(endpoint: string, received: Received): Promise<Answer> {
  const { method, path, body } = received
  const headers = { ...without(received.headers, OF_CONNECTION), 'content-length': body.length }
  const sent = sendRequest(`${endpoint}${path}`, { method, headers, agent })
  sent.end(body)
  const [answer] = (await once(sent, 'response')) as [IncomingMessage]
  // To a HEAD the length is that of what is not sent.
  const dropped = method === 'HEAD' ? OF_CONNECTION.slice(0, -1) : OF_CONNECTION
  return {
    status: answer.statusCode ?? 500,
    headers: without(answer.headers, dropped) as Record<string, string>,
    body: await buffer(answer),
  }
}

function without(headers: IncomingHttpHeaders, names: readonly string[]): IncomingHttpHeaders {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !names.includes(name)))
}
