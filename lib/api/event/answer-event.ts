import { randomUUID } from 'node:crypto'
import { toErrorResponse } from '../../registry/http-answers.ts'
import { ServiceError } from '../../registry/errors.ts'
import type { TokenSource } from '../auth/token-source.ts'
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
  return toWholeResult(await fetch(request))
}

/** The bytes of a file come while they are read, and the store may go away meanwhile. */
async function toWholeResult(response: Response): Promise<HttpResult> {
  const requestId = response.headers.get('x-request-id') ?? randomUUID()
  try {
    return await toResult(response)
  } catch (error) {
    const broken = new ServiceError('service-unavailable', 'the file store broke off its answer', {
      cause: error,
    })
    return toResult(toErrorResponse(broken, requestId))
  }
}

function refuseEvent(): Response {
  const error = new ServiceError('invalid-request', 'the request is not HTTP', {
    details: [{ path: 'request', problem: 'has an address or a header that HTTP does not allow' }],
  })
  return toErrorResponse(error, randomUUID())
}
