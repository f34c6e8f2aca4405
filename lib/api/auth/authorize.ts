import { readToken } from './access.ts'
import { findCaller } from './token-set.ts'
import type { TokenSource } from './token-source.ts'

/** What of an HTTP API's authorizer event (format 2.0) matters here. */
export interface AuthorizerEvent {
  /** The values of the identity sources: the `Authorization` header alone. */
  readonly identitySource?: readonly string[] | null
}

/** The simple response of an HTTP API's Lambda authorizer. */
export interface AuthorizerAnswer {
  readonly isAuthorized: boolean
  /** Stands in the access log, as `$context.authorizer.tenant`. */
  readonly context?: { readonly tenant: string }
}

/**
 * The door of the API: whether the `Authorization` header holds a token of the service, alone or
 * after `Bearer `. API Gateway answers the rest by itself, with a body that we cannot choose:
 * without the header 401 `{"message":"Unauthorized"}`, with another token 403
 * `{"message":"Forbidden"}`, when the tokens cannot be read 500 `{"message":"Internal Server Error"}`.
 *
 * @throws PortUnavailable when the tokens cannot be read
 */
export async function authorize(
  tokens: TokenSource,
  { identitySource }: AuthorizerEvent,
): Promise<AuthorizerAnswer> {
  const header = identitySource?.[0]
  const known = await tokens.prepare(header)
  const token = readToken(header)
  const caller = token === '' ? undefined : findCaller(known, token)
  if (caller === undefined) return { isAuthorized: false }
  return { isAuthorized: true, context: { tenant: caller.tenant } }
}
