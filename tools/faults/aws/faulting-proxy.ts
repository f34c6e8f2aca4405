import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import {
  type Answer,
  type Received,
  send,
  toReceived,
} from '../../../test/adapters/aws/scripted-server.ts'
import { useTestCredentials } from '../../../test/adapters/aws/test-credentials.ts'
import type { Fault, FaultyReply } from './fault.ts'
import type { FaultPlan } from './fault-plan.ts'
import { passOn } from './pass-on.ts'
import { type ServiceCall, toServiceCall } from './service-call.ts'

export interface FaultingProxyOptions {
  /** Base address of what really answers a call. */
  readonly upstreamOf: (call: ServiceCall) => string
  readonly plan: FaultPlan
  /** After a fault was injected. */
  readonly onFault?: (fault: Fault, call: ServiceCall) => void
  /** Changes every request before anything else. */
  readonly adapt?: (call: ServiceCall) => Received
}

export interface FaultingProxy {
  /** What SDK clients get as their endpoint. */
  readonly endpoint: string
  /** Injected so far, by kind. */
  readonly counts: ReadonlyMap<string, number>
  stop(): Promise<void>
}

/**
 * A real HTTP proxy between the clients of AWS and the services: lets each call through, or does
 * with it what the plan says.
 */
export async function startFaultingProxy(options: FaultingProxyOptions): Promise<FaultingProxy> {
  useTestCredentials()
  const counts = new Map<string, number>()
  const server = createServer((request, response) => {
    void (async () => {
      const call = toServiceCall(await toReceived(request))
      deliver(response, call.request.method, await treat(options, counts, call))
    })().catch(() => response.socket?.destroy())
  })
  // A long poll may be quiet for as long as it likes.
  server.requestTimeout = 0
  const { promise: listening, resolve: start } = Promise.withResolvers<void>()
  server.listen(0, '127.0.0.1', () => start())
  await listening
  const { port } = server.address() as AddressInfo
  const stop = async (): Promise<void> => {
    const { promise: closed, resolve: close } = Promise.withResolvers<void>()
    server.close(() => close())
    server.closeAllConnections()
    await closed
  }
  return { endpoint: `http://127.0.0.1:${port}`, counts, stop }
}

async function treat(
  { upstreamOf, plan, onFault, adapt }: FaultingProxyOptions,
  counts: Map<string, number>,
  arrived: ServiceCall,
): Promise<FaultyReply> {
  const call = adapt === undefined ? arrived : toServiceCall(adapt(arrived))
  const pass = (changed = call.request): Promise<Answer> => passOn(upstreamOf(call), changed)
  const { fault, random } = plan.choose(call)
  const reply = await (fault?.answer(call, { pass, random }) ?? passUntouched(pass))
  if (typeof reply === 'object' && 'untouched' in reply) {
    for (const each of plan.faults) each.watch?.(call, reply.untouched)
    return reply
  }
  if (fault === undefined) return reply
  counts.set(fault.kind, (counts.get(fault.kind) ?? 0) + 1)
  onFault?.(fault, call)
  return reply
}

async function passUntouched(pass: () => Promise<Answer>): Promise<FaultyReply> {
  return { untouched: await pass() }
}

function deliver(response: ServerResponse, method: string, reply: FaultyReply): void {
  if (typeof reply === 'string') send(response, reply)
  else if ('cut' in reply) cutShort(response, reply.cut)
  else send(response, withLength(method, 'untouched' in reply ? reply.untouched : reply))
}

/** A service says how long its answer is; to a HEAD, how long the file is that it does not send. */
function withLength(method: string, answer: Answer): Answer {
  if (method === 'HEAD') return answer
  const length = String(Buffer.byteLength(answer.body))
  return { ...answer, headers: { ...answer.headers, 'content-length': length } }
}

/** Promises the whole body, sends half of it and ends the connection. */
function cutShort(response: ServerResponse, { status, headers, body }: Answer): void {
  const bytes = Buffer.from(body)
  response.writeHead(status, { ...headers, 'content-length': bytes.length })
  response.write(bytes.subarray(0, Math.floor(bytes.length / 2)), () => response.destroy())
}
