import { ServiceError } from '../../registry/errors.ts'
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
