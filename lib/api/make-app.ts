/**
 * The API of Scalable Job: one Hono app, served by Node on one machine and by Lambda in the cloud.
 *
 * A request passes: id and access log (`trace-request`) → token (`authenticate`) → query string
 * (`read-query`) → its route (`routes/`, one a file). Whatever is thrown on the way becomes the one
 * error shape (`answer-error`). There is no CORS: the console comes from the same origin, and front
 * ends call from their own servers.
 */
import { Hono } from 'hono'
import { ServiceError } from '../registry/errors.ts'
import { answerError } from './answer-error.ts'
import type { ApiDeps } from './api-deps.ts'
import { authenticate, refuseMisplacedToken } from './auth/access.ts'
import { makeOpenApiDocument } from './openapi/openapi-document.ts'
import { type Api, type ApiEnv, patternOf, type Route } from './route.ts'
import { ROUTES } from './routes.ts'
import { makeQueueLimit } from './submit/queue-limit.ts'
import { InFlightLimit } from './submit/in-flight-limit.ts'
import type { Caller } from './auth/token-set.ts'
import { traceRequest } from './trace-request.ts'

const NOBODY: Caller = { tenant: '', isAdmin: false, seesAll: false }

export function makeApp(deps: ApiDeps): Hono<ApiEnv> {
  let document: object | undefined
  const api: Api = {
    ...deps,
    queueLimit: makeQueueLimit(deps),
    inFlightLimit: new InFlightLimit(deps.clock),
    startedAtMs: deps.clock.now(),
    document: () => (document ??= makeOpenApiDocument(deps.version)),
  }
  const app = new Hono<ApiEnv>()
  app.use(traceRequest(deps))
  for (const route of ROUTES) addRoute(app, route, api)
  refuseOtherMethods(app)
  app.notFound((c) => answerError(noSuchRoute(c.req.method, c.req.path), c, deps.log))
  app.onError((error, c) => answerError(error, c, deps.log))
  return app
}

function addRoute(app: Hono<ApiEnv>, route: Route, api: Api): void {
  app.on(route.method.toUpperCase(), patternOf(route), async (c) => {
    c.set('route', route.path)
    const requestId = c.get('requestId')
    const isOpen = route.access === 'open'
    const tokens = isOpen ? [] : api.tokens()
    const caller = isOpen ? NOBODY : authenticate(tokens, c.req.header('Authorization'))
    if (!isOpen) c.set('tenant', caller.tenant)
    refuseMisplacedToken(tokens, c.req.url)
    return route.run({ api, c, requestId, caller, log: api.log.with({ requestId }) })
  })
}

/** A path that exists answers 405 to other methods, and says which it takes. */
function refuseOtherMethods(app: Hono<ApiEnv>): void {
  for (const [pattern, routes] of Map.groupBy(ROUTES, patternOf)) {
    const allow = routes.map(({ method }) => method.toUpperCase()).join(', ')
    app.all(pattern, (c) => {
      c.set('route', routes[0]?.path ?? pattern)
      c.header('Allow', allow)
      const message = `${c.req.method} is not a method of this path; it takes ${allow}`
      throw new ServiceError('method-not-allowed', message, {
        details: [{ path: 'method', problem: 'is not taken', got: c.req.method, allowed: allow }],
      })
    })
  }
}

function noSuchRoute(method: string, path: string): ServiceError {
  const shown = path.length > 200 ? `${path.slice(0, 200)}…` : path
  return new ServiceError('not-found', `there is no ${method} ${shown}`, {
    details: [{ path: 'path', problem: 'is not a path of this API', got: shown }],
  })
}
