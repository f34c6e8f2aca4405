import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'

export type AgentFault = 'fail' | 'refuse' | 'hang' | 'garbage' | 'unanswered'

export interface AgentProxy {
  /** `<url>/<port>/<path>` goes to that port of this machine. */
  readonly url: string
  /** What becomes of this share of the calls from now on. */
  set(fault: AgentFault | undefined, share?: number): void
  close(): Promise<void>
}

/** Stands between the workers and the agent endpoint of the supervisor. */
export async function startAgentProxy(): Promise<AgentProxy> {
  let fault: AgentFault | undefined
  let share = 1
  const server = createServer((request, response) => {
    const isHit = fault !== undefined && Math.random() < share
    answer(request, response, isHit ? fault : undefined).catch(() => response.destroy())
  })
  await new Promise<void>((done) => {
    server.listen(0, '127.0.0.1', done)
  })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    set: (next, nextShare = 1) => {
      fault = next
      share = nextShare
    },
    close: () => {
      server.closeAllConnections()
      return new Promise((done) => {
        server.close(() => done())
      })
    },
  }
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  fault: AgentFault | undefined,
): Promise<void> {
  const [, port = '', ...path] = (request.url ?? '').split('/')
  const body = await text(request)
  switch (fault) {
    case 'hang':
      return
    case 'fail':
      return send(response, 500, '{"error":{"Code":"ServerException","Message":"made"}}')
    case 'refuse':
      return send(response, 200, '{"failure":{"Arn":"a","Reason":"DEPLOYMENT_BLOCKED"}}')
    case 'garbage':
      return send(response, 200, '<html>what?')
    case 'unanswered':
    case undefined:
  }
  const url = `http://127.0.0.1:${port}/${path.join('/')}`
  const method = request.method ?? 'GET'
  const passed = await fetch(url, { method, ...(method !== 'GET' && { body }) })
  // The effect took place, and nobody learns of it.
  if (fault === 'unanswered') response.destroy()
  else send(response, passed.status, await passed.text())
}

function send(response: ServerResponse, status: number, body: string): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(body)
}
