import { randomUUID } from 'node:crypto'
import { ServiceError, toErrorBody } from '../../lib/core/errors.ts'
import type { TokenSource } from '../authorizer/token-source.ts'
import { type HttpEvent, type HttpResult, toRequest, toResult } from './http-event.ts'

export interface EventParts {
  readonly fetch: (request: Request) => Response | Promise<Response>
  readonly tokens: Pick<TokenSource, 'prepare'>
}

/** Answers one event of an HTTP API with what the API answers to the request in it. */
export async function answerEvent(
  { fetch, tokens }: EventParts,
  event: HttpEvent,
): Promise<HttpResult> {
  let request: Request
  try {
    request = toRequest(event)
  } catch {
    return toResult(refuseEvent())
  }
  // Without tokens the routes that need one say so; the open ones answer all the same.
  await tokens.prepare(request.headers.get('authorization') ?? undefined).catch(() => undefined)
  return toResult(await fetch(request))
}

function refuseEvent(): Response {
  const error = new ServiceError('invalid-request', 'the request is not HTTP', {
    details: [{ path: 'request', problem: 'has an address or a header that HTTP does not allow' }],
  })
  return Response.json(toErrorBody(error, randomUUID()), { status: error.status })
}
