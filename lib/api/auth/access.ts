import { ServiceError, showValue } from '../../registry/errors.ts'
import { type Caller, findCaller, type TokenSet } from './token-set.ts'

/**
 * The caller by `Authorization: <token>` (as PAI-EAS's QueueClient sends it) or
 * `Authorization: Bearer <token>`.
 *
 * @throws ServiceError `unauthorized`
 */
export function authenticate(tokens: TokenSet, authorization: string | undefined): Caller {
  const token = readToken(authorization)
  const caller = findCaller(tokens, token)
  if (caller !== undefined && token !== '') return caller
  const what = token === '' ? 'the Authorization header is missing' : 'the token is not known'
  throw new ServiceError('unauthorized', what, {
    details: [
      {
        path: 'header.authorization',
        problem: token === '' ? 'is missing' : 'is not a token of this service',
        allowed: 'a token of this service, alone or after "Bearer "',
      },
    ],
  })
}

/** The token of an `Authorization` header; empty where there is none. */
export function readToken(authorization: string | undefined): string {
  const given = authorization?.trim() ?? ''
  return given.replace(/^bearer +/i, '')
}

/**
 * A token in the address is kept by proxies, histories and logs, and of a put it would become a tag
 * of the job: it is refused before anything is done with it, and never repeated.
 *
 * @throws ServiceError `invalid-request`
 */
export function refuseMisplacedToken(tokens: TokenSet, url: string): void {
  for (const [name, value] of new URL(url).searchParams) {
    if (findCaller(tokens, value.replace(/^bearer +/i, '')) === undefined) continue
    const path = `query.${name.slice(0, 80)}`
    const problem = 'is a token, which everybody on the way can read there: make a new one'
    throw new ServiceError('invalid-request', `${path} is a token of this service`, {
      details: [{ path, problem, allowed: 'the token in the Authorization header alone' }],
    })
  }
}

/**
 * The token says whom a request is for; only the admin may say otherwise, and may say nothing.
 *
 * @throws ServiceError `invalid-request` when `wanted` is another tenant than the token's own
 */
export function chooseTenant(
  caller: Caller,
  wanted: string | undefined,
  path: string,
): string | undefined {
  if (caller.isAdmin) return wanted
  if (wanted === undefined || wanted === caller.tenant) return caller.tenant
  const problem = 'is not the tenant of this token'
  throw new ServiceError('invalid-request', `${path} ${problem}`, {
    details: [{ path, problem, got: showValue(wanted), allowed: caller.tenant }],
  })
}

/**
 * The output queue is one for the whole service, and what one reader takes no other sees. So it is
 * for the admin, or for the only tenant of the service.
 *
 * @throws ServiceError `not-found`
 */
export function refuseSingleTenant({ seesAll, tenant }: Caller): void {
  if (seesAll) return
  throw new ServiceError('not-found', 'the output queue is not for the token of one tenant', {
    details: [
      {
        path: 'header.authorization',
        problem: `is the token of tenant ${tenant}, and the queue has messages of every tenant`,
        allowed: 'the token of the admin; or GET /jobs/{id}/result for a job of yours',
      },
    ],
  })
}
