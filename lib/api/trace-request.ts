import type { MiddlewareHandler } from 'hono'
import type { ApiDeps } from './api-deps.ts'
import type { ApiEnv } from './route.ts'

const SAFE_REQUEST_ID = /^[A-Za-z0-9._-]{1,128}$/

/**
 * Nothing that the API answers is a page: no browser may guess its type, keep it, frame it or run
 * it. An answer may bring a policy of its own.
 */
const SECURITY_HEADERS = {
  'Cache-Control': 'no-store',
  'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'; sandbox",
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
}

/**
 * Outermost: an id for the request (the caller's own, where it is harmless), security headers, and
 * one access line. The line has the route's pattern and never the address, whose query may hold
 * signatures.
 */
export function traceRequest({
  clock,
  log,
  newId,
}: Pick<ApiDeps, 'clock' | 'log' | 'newId'>): MiddlewareHandler<ApiEnv> {
  return async (c, next) => {
    const startMs = clock.monotonicMs()
    const given = c.req.header('X-Request-Id')
    const requestId = given !== undefined && SAFE_REQUEST_ID.test(given) ? given : newId()
    c.set('requestId', requestId)
    await next()
    c.header('X-Request-Id', requestId)
    for (const [name, value] of Object.entries(SECURITY_HEADERS)) {
      if (!c.res.headers.has(name)) c.header(name, value)
    }
    log.info('request', {
      method: c.req.method,
      route: c.get('route') ?? '(none)',
      status: c.res.status,
      ms: Math.round(clock.monotonicMs() - startMs),
      requestId,
      tenant: c.get('tenant'),
    })
  }
}
