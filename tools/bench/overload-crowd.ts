import { Agent, request } from 'node:http'
import { residentMib } from './bench-service.ts'
import type { OverloadService } from './overload-service.ts'

export interface CrowdFigures {
  /** Answers by status; 0 for none. */
  readonly statuses: Readonly<Record<number, number>>
  /** Highest seen while the crowd was there. */
  readonly peakMib: number
  readonly seconds: number
}

/** Many connections at once, each with one submit of so many bytes, as fast as they come. */
export async function measureCrowd(
  service: OverloadService,
  { clients, bodyBytes }: { readonly clients: number; readonly bodyBytes: number },
): Promise<CrowdFigures> {
  const startMs = performance.now()
  const body = JSON.stringify({ taskType: 'query', input: 'x'.repeat(bodyBytes) })
  const statuses: Record<number, number> = {}
  let peakMib = 0
  const watch = setInterval(() => (peakMib = Math.max(peakMib, residentMib(service.pid))), 50)
  const agent = new Agent({ keepAlive: true, maxSockets: Number.POSITIVE_INFINITY })
  await Promise.all(
    Array.from({ length: clients }, async () => {
      const status = await submitOnce(service, { agent, body })
      statuses[status] = (statuses[status] ?? 0) + 1
    }),
  )
  clearInterval(watch)
  agent.destroy()
  return { statuses, peakMib, seconds: (performance.now() - startMs) / 1000 }
}

function submitOnce(
  { client, token }: OverloadService,
  { agent, body }: { agent: Agent; body: string },
): Promise<number> {
  const headers = {
    authorization: `Bearer ${token}`,
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
  }
  return new Promise((done) => {
    const sent = request(`${client.url}/jobs`, { method: 'POST', agent, headers }, (answer) => {
      answer.resume().once('end', () => done(answer.statusCode ?? 0))
    })
    sent.once('error', () => done(0)).end(body)
  })
}
