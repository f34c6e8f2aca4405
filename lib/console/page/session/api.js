/** Calls of the API with this tab's token. Every call ends within its bound. */
import { readToken } from './session.js'

const TIMEOUT_MS = 20_000

/** An answer that is not 2xx, or none. */
export class CallError extends Error {
  /**
   * @param {string} code
   * @param {string} message
   * @param {{ fix?: string, details?: readonly { path: string, problem: string, allowed?: string }[], status?: number }} [more]
   */
  constructor(code, message, { fix = '', details = [], status = 0 } = {}) {
    super(message)
    this.code = code
    this.fix = fix
    this.details = details
    this.status = status
  }
}

/**
 * @param {string} path below the address of this page
 * @param {{ signal?: AbortSignal, holdSeconds?: number }} [options] `holdSeconds`: how long the server may hold the answer
 * @returns {Promise<any>}
 */
export async function getJson(path, { signal, holdSeconds = 0 } = {}) {
  const response = await call(path, {}, { signal, holdMs: holdSeconds * 1000 })
  return response.json()
}

/**
 * @param {string} path
 * @param {{ body?: unknown, idempotencyKey?: string }} [options]
 * @returns {Promise<any>}
 */
export async function postJson(path, { body, idempotencyKey } = {}) {
  /** @type {Record<string, string>} */
  const headers = {}
  if (body !== undefined) headers['content-type'] = 'application/json'
  if (idempotencyKey !== undefined) headers['idempotency-key'] = idempotencyKey
  const sent = body === undefined ? {} : { body: JSON.stringify(body) }
  const response = await call(path, { method: 'POST', headers, ...sent })
  return response.json()
}

/**
 * @param {string} path
 * @param {{ method?: string, headers?: Record<string, string>, body?: string }} request
 * @param {{ signal?: AbortSignal | undefined, holdMs?: number }} [options]
 */
async function call(path, request, { signal, holdMs = 0 } = {}) {
  const timeout = AbortSignal.timeout(TIMEOUT_MS + holdMs)
  const token = readToken()
  let response
  try {
    response = await fetch(path, {
      ...request,
      redirect: 'error',
      cache: 'no-store',
      headers: { ...request.headers, ...(token && { authorization: `Bearer ${token}` }) },
      signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
    })
  } catch (error) {
    if (signal?.aborted) throw error
    const what = timeout.aborted
      ? 'the service did not answer in time'
      : 'the service cannot be reached'
    throw new CallError('unreachable', what, { fix: 'this page tries again by itself' })
  }
  if (!response.ok) throw await toCallError(response)
  return response
}

/** @param {Response} response */
async function toCallError(response) {
  const { status } = response
  const body = await response.json().catch(() => undefined)
  const error = body?.error
  if (typeof error?.message !== 'string')
    return new CallError('bad-answer', `HTTP ${status}`, { status })
  return new CallError(error.code, error.message, { ...error, status })
}
