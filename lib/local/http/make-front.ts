import { randomUUID } from 'node:crypto'
import { authenticate } from '../../api/auth/access.ts'
import type { TokenSet } from '../../api/auth/token-set.ts'
import { serveConsole } from '../../console/serve-console.ts'
import { toErrorResponse } from '../../registry/http-answers.ts'
import { ServiceError } from '../../registry/errors.ts'
import type { Log } from '../../ports/log.ts'
import type { PrometheusMetrics } from './prometheus-metrics.ts'

type Handler = (request: Request) => Response | Promise<Response>

export interface FrontParts {
  readonly api: Handler
  /** Answers `/files/…` links. */
  readonly files: Handler
  readonly metrics: PrometheusMetrics
  /** Who may read `/metrics`. */
  readonly tokens: TokenSet
  readonly log: Log
}

/** One address for everything: the API, the console, links to files, and `/metrics`. */
export function makeFront(parts: FrontParts): Handler {
  const { api, files, log } = parts
  return async (request) => {
    try {
      const { pathname } = new URL(request.url)
      if (pathname.startsWith('/files/')) return await files(request)
      if (pathname === '/metrics' && request.method === 'GET') {
        return await answerMetrics(parts, request)
      }
      return (await serveConsole(request)) ?? (await api(request))
    } catch (error) {
      return answerFault(error, log)
    }
  }
}

/** The API answers its own faults; this is for what is served beside it. */
function answerFault(fault: unknown, log: Log): Response {
  const requestId = randomUUID()
  const stack = fault instanceof Error ? fault.stack : undefined
  log.error('request failed', { requestId, error: String(fault), stack })
  const error = new ServiceError('internal', 'something went wrong inside Scalable Job')
  return toErrorResponse(error, requestId)
}

async function answerMetrics({ metrics, tokens }: FrontParts, request: Request) {
  try {
    authenticate(tokens, request.headers.get('authorization') ?? undefined)
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error
    return toErrorResponse(error, randomUUID())
  }
  const headers = { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' }
  return new Response(await metrics.render(), { headers })
}
