import type { Answer, Received, Reply } from '../../../test/adapters/aws/scripted-server.ts'
import type { ServiceCall } from './service-call.ts'

/** One way in which a service, or the network in front of it, goes wrong. */
export interface Fault {
  /** As it is counted, for example `answer lost`. */
  readonly kind: string
  /** Whether this call can go wrong in this way. */
  readonly hits: (call: ServiceCall) => boolean
  readonly answer: (call: ServiceCall, way: Way) => Promise<FaultyReply>
  /** Sees every answer that went through as it was, for faults that need an older one. */
  readonly watch?: (call: ServiceCall, answer: Answer) => void
}

/** What a fault may do with the call. */
export interface Way {
  /** Lets the call take effect, as it came or changed, and gives the answer of the service. */
  readonly pass: (changed?: Received) => Promise<Answer>
  /** From 0 up to 1; follows from the seed and the call. */
  readonly random: () => number
}

/** `untouched`: the fault found nothing to spoil in this call, and does not count. */
export type FaultyReply = Reply | { readonly cut: Answer } | { readonly untouched: Answer }

/** The fields of a JSON answer. */
export function bodyOf(answer: Answer): unknown {
  return JSON.parse(Buffer.from(answer.body).toString())
}

/** The same answer with another JSON body. */
export function withBody(answer: Answer, body: unknown): Answer {
  const { 'x-amz-crc32': _checksum, ...headers } = answer.headers ?? {}
  return { ...answer, headers, body: JSON.stringify(body) }
}

export function isSuccess({ status }: Answer): boolean {
  return status >= 200 && status < 300
}
