import type { Context } from 'hono'
import { errorHeaders } from '../registry/http-answers.ts'
import { ServiceError, toErrorBody } from '../registry/errors.ts'
import type { Log } from '../ports/log.ts'
import { PortUnavailable } from '../ports/port-unavailable.ts'
import type { ApiEnv } from './route.ts'

/**
 * Every error as the one shape. What is not ours to explain becomes `internal`: a fixed sentence
 * for the caller, the stack for the log.
 */
export function answerError(error: unknown, c: Context<ApiEnv>, log: Log): Response {
  const known = toServiceError(error)
  const requestId = c.get('requestId')
  if (known.status >= 500) {
    const cause = error instanceof Error ? error : new Error(String(error))
    const fields = { requestId, code: known.code, error: describe(cause), route: c.get('route') }
    if (known.code === 'internal') log.error('request failed', { ...fields, stack: cause.stack })
    else log.warn('request could not be served', fields)
  }
  for (const [name, value] of Object.entries(errorHeaders(known))) c.header(name, value)
  return c.json(toErrorBody(known, requestId), known.status as 400)
}

function toServiceError(error: unknown): ServiceError {
  if (error instanceof ServiceError) return error
  if (error instanceof PortUnavailable) {
    return new ServiceError('service-unavailable', error.describe(), { cause: error })
  }
  return new ServiceError('internal', 'something went wrong inside Scalable Job', { cause: error })
}

function describe(error: Error): string {
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message
}
