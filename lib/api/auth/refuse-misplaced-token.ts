import { ServiceError } from '../../registry/errors.ts'
import { findCaller, type TokenSet } from './token-set.ts'

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
