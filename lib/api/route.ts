import type { Context } from 'hono'
import type { z } from 'zod'
import type { ErrorCode } from '../registry/errors.ts'
import type { Log } from '../ports/log.ts'
import type { ApiDeps } from './api-deps.ts'
import { readQuery } from './read/read-query.ts'
import type { QueueLimit } from './submit/queue-limit.ts'
import type { InFlightLimit } from './submit/in-flight-limit.ts'
import type { Caller } from './auth/token-set.ts'

/** What lives as long as the app. */
export interface Api extends ApiDeps {
  readonly queueLimit: QueueLimit
  readonly inFlightLimit: InFlightLimit
  readonly startedAtMs: number
  /** What GET /openapi.json answers. */
  readonly document: () => object
}

/** What one request carries from the first middleware to the access log. */
export interface ApiEnv {
  readonly Variables: {
    requestId: string
    /** The path as the documents spell it: `/jobs/{id}`. */
    route?: string
    tenant?: string
  }
}

/** One request, as a route sees it. */
export interface Call {
  readonly api: Api
  readonly c: Context<ApiEnv>
  readonly requestId: string
  /** Nobody (an empty tenant) on routes that need no token. */
  readonly caller: Caller
  readonly log: Log
}

interface Content {
  readonly schema: z.ZodType
  readonly example?: unknown
}

/** The content of a body or an answer that is JSON alone. */
export function asJson(schema: z.ZodType, example: unknown): Readonly<Record<string, Content>> {
  return { 'application/json': { schema, example } }
}

export interface Answer {
  readonly description: string
  readonly content?: Readonly<Record<string, Content>>
  /** Headers beside `X-Request-Id`, each with what it says. */
  readonly headers?: Readonly<Record<string, string>>
}

/** A route and its documentation in one: GET /openapi.json is made from what the route checks. */
export interface RouteSpec<Q extends z.ZodType> {
  readonly method: 'get' | 'post'
  /** As OpenAPI spells it: `/jobs/{id}`. */
  readonly path: string
  /** Whether the last parameter of the path takes slashes too. */
  readonly takesSlashes?: true
  readonly access: 'token' | 'open'
  readonly group: 'jobs' | 'files' | 'output' | 'service' | 'PAI-EAS'
  readonly summary: string
  readonly description: string
  readonly params?: z.ZodObject
  readonly query: Q
  /** Query parameters that may stand more than once and are parsed as a list. */
  readonly repeatable?: readonly string[]
  readonly headers?: z.ZodObject
  readonly body?: {
    readonly description: string
    readonly required: boolean
    readonly content: Readonly<Record<string, Content>>
  }
  readonly answers: Readonly<Record<number, Answer>>
  /** Beside those that every route may answer. */
  readonly errors: readonly ErrorCode[]
  readonly handle: (call: Call, query: z.output<Q>) => Promise<Response> | Response
}

export interface Route extends Omit<RouteSpec<z.ZodType>, 'handle'> {
  /** Parses the query string and answers. */
  readonly run: (call: Call) => Promise<Response>
}

export function defineRoute<Q extends z.ZodType>(spec: RouteSpec<Q>): Route {
  const { handle, ...rest } = spec
  const run = async (call: Call) =>
    handle(call, readQuery(spec.query, call.c.req.url, spec.repeatable))
  return { ...rest, run }
}

/** The path as Hono spells it. */
export function patternOf({ path, takesSlashes }: Pick<Route, 'path' | 'takesSlashes'>): string {
  const pattern = path.replaceAll(/\{(\w+)\}/g, ':$1')
  return takesSlashes === true ? `${pattern}{.+}` : pattern
}
