import { setTimeout as sleep } from 'node:timers/promises'
import { ApiError, readApiError } from './api-error.ts'

export interface Connection {
  /** Address of the API, with or without a slash at the end. */
  readonly url: string
  readonly token?: string | undefined
  /** Instead of Node's own `fetch`. */
  readonly fetch?: typeof fetch | undefined
  /** Ends every call, those under way too. */
  readonly signal?: AbortSignal | undefined
  /** Longest wait for one answer, its body included. 30,000. */
  readonly timeoutMs?: number | undefined
}

export interface CallOptions {
  /** Ends the call; it then throws the signal's reason. */
  readonly signal?: AbortSignal | undefined
}

export interface WaitOptions extends CallOptions {
  /** How long the service may hold its answer, 0 to 20 seconds. 0: it answers at once. */
  readonly waitSeconds?: number | undefined
}

export interface ApiCall {
  readonly method: 'GET' | 'POST'
  /** Below the address: `/jobs`. */
  readonly path: string
  readonly query?: Readonly<Record<string, string | number | undefined>>
  /** Sent as JSON, unless it is bytes already. */
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
  /** Time that the server may hold the answer (long polling), added to the bound. */
  readonly holdMs?: number
  /** Whether a repeat does no harm: a GET, or a POST with an Idempotency-Key. */
  readonly repeatable: boolean
  readonly signal?: AbortSignal | undefined
  /** Whether an answer that points elsewhere (3xx) is an answer. It is never followed with the token. */
  readonly mayRedirect?: boolean
  /** Whether the body of the answer is left unread. */
  readonly skipsBody?: boolean
}

const DEFAULT_TIMEOUT_MS = 30_000
/** Waits before the second, third and fourth try. A longer `Retry-After` ends the tries instead. */
const RETRY_WAITS_MS = [200, 800, 2000]
/** A service that is full asks for 10 s; three such waits are what a submit is worth. */
const MAX_RETRY_AFTER_MS = 15_000

/**
 * One call of the API, within its bound; repeatable ones are tried up to four times while the
 * service is briefly away or full.
 *
 * @returns the answer with its body read
 * @throws ApiError for everything that is not 2xx, and where no answer came
 * @throws the signal's reason when the signal of the call or of the connection aborts
 */
export async function callApi(connection: Connection, given: ApiCall): Promise<ApiAnswer> {
  const url = toUrl(connection.url, given)
  const signals = [connection.signal, given.signal].filter((signal) => signal !== undefined)
  const call = signals.length === 0 ? given : { ...given, signal: AbortSignal.any(signals) }
  for (let retries = 0; ; retries += 1) {
    try {
      return await callOnce(connection, { ...call, url })
    } catch (error) {
      const waitMs = retryWaitMs(error, call, retries)
      if (waitMs === undefined) throw error
      await sleep(waitMs, undefined, call.signal && { signal: call.signal })
    }
  }
}

export interface ApiAnswer {
  readonly status: number
  readonly headers: Headers
  readonly body: Buffer
}

async function callOnce(connection: Connection, call: ApiCall & { url: URL }): Promise<ApiAnswer> {
  const boundMs = (connection.timeoutMs ?? DEFAULT_TIMEOUT_MS) + (call.holdMs ?? 0)
  const timeout = AbortSignal.timeout(boundMs)
  const signal = call.signal === undefined ? timeout : AbortSignal.any([call.signal, timeout])
  const { url } = call
  try {
    const response = await (connection.fetch ?? fetch)(url, {
      ...toRequest(connection, call),
      signal,
    })
    const isRedirect = response.status >= 300 && response.status < 400
    if (!response.ok && !(isRedirect && call.mayRedirect === true)) {
      throw await readApiError(response)
    }
    const body = await readBody(response, call)
    return { status: response.status, headers: response.headers, body }
  } catch (error) {
    if (error instanceof ApiError) throw error
    call.signal?.throwIfAborted()
    throw toApiError(error, { url, boundMs, timedOut: timeout.aborted })
  }
}

async function readBody(response: Response, { skipsBody }: ApiCall): Promise<Buffer> {
  if (skipsBody !== true) return Buffer.from(await response.arrayBuffer())
  await response.body?.cancel()
  return Buffer.alloc(0)
}

function toRequest({ token }: Connection, { method, body, headers }: ApiCall): RequestInit {
  const bytes = body instanceof Uint8Array
  const sent = bytes || body === undefined ? body : JSON.stringify(body)
  return {
    method,
    // Followed, it would carry the token elsewhere.
    redirect: 'manual',
    headers: {
      accept: 'application/json',
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(body !== undefined && !bytes && { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(sent !== undefined && { body: sent as string | Uint8Array<ArrayBuffer> }),
  }
}

/** @throws ApiError `unreachable` when it is not an address */
function toUrl(address: string, { path, query = {} }: Pick<ApiCall, 'path' | 'query'>): URL {
  const base = address.replace(/\/+$/, '')
  if (!/^https?:\/\//.test(base) || !URL.canParse(base)) {
    throw new ApiError('unreachable', `${address} is not an http:// or https:// address`)
  }
  const url = new URL(`${base}${path}`)
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) url.searchParams.set(name, String(value))
  }
  return url
}

/** A link out of an answer: whole, or a path of the API itself. */
export function toLink(address: string, link: string): URL {
  if (link.startsWith('/')) return toUrl(address, { path: link })
  if (URL.canParse(link)) return new URL(link)
  throw new ApiError('bad-answer', 'the answer has a link that is not an address')
}

function toApiError(
  error: unknown,
  { url, boundMs, timedOut }: { url: URL; boundMs: number; timedOut: boolean },
): ApiError {
  const more = { cause: error }
  if (timedOut) {
    return new ApiError(
      'timed-out',
      `${url.origin} did not answer within ${boundMs / 1000} s`,
      more,
    )
  }
  const cause = rootCause(error)
  // The words of `fetch` for ports that it never calls, such as 1 or 6000.
  const why = cause === 'bad port' ? 'this port is not one for HTTP' : cause
  return new ApiError('unreachable', `${url.origin} cannot be reached: ${why}`, more)
}

/** `fetch failed` says nothing; what lies below does: `connect ECONNREFUSED 127.0.0.1:8080`. */
function rootCause(error: unknown): string {
  let current = error
  while (current instanceof Error && current.cause instanceof Error) current = current.cause
  if (current instanceof AggregateError && current.errors.length > 0)
    return rootCause(current.errors[0])
  return current instanceof Error && current.message !== '' ? current.message : String(current)
}

function retryWaitMs(error: unknown, call: ApiCall, retries: number): number | undefined {
  const plannedMs = RETRY_WAITS_MS[retries]
  if (!call.repeatable || plannedMs === undefined) return undefined
  // A call that took its whole time is not tried four times over.
  if (!(error instanceof ApiError) || !error.passing || error.code === 'timed-out') return undefined
  const askedMs = (error.retryAfterSeconds ?? 0) * 1000
  return askedMs > MAX_RETRY_AFTER_MS ? undefined : Math.max(plannedMs, askedMs)
}
