import { z } from 'zod'
import { ADMIN_TENANT } from '../contract/tenant.ts'
import { ServiceError } from '../../registry/errors.ts'
import { parseWithSchema } from '../../parsing/parse-with-schema.ts'
import { makeTokenSet, type TokenSet } from './token-set.ts'

const secretSchema = z
  .object({
    token: z.string().optional(),
    tokens: z.array(z.object({ tenant: z.string(), token: z.string() })).default([]),
  })
  .transform(({ token, tokens }) =>
    token === undefined ? tokens : [{ tenant: ADMIN_TENANT, token }, ...tokens],
  )
  .refine((tokens) => tokens.length > 0, 'holds no token')

/**
 * The tokens that the secret of a service holds:
 *
 * ```json
 * { "token": "…", "tokens": [{ "tenant": "vision", "token": "…" }] }
 * ```
 *
 * `token` acts for every tenant; it is the one made by the first deploy and handed to a front end.
 * Each of `tokens` acts for its tenant, or for every one where that is `*`. At least one must be
 * there. Other keys are left to whoever wrote them.
 *
 * @throws ServiceError `invalid-service-config`, without any of the text
 */
export function parseTokenSecret(text: string): TokenSet {
  const how = { code: 'invalid-service-config', what: 'the token secret', root: 'secret' } as const
  return makeTokenSet(parseWithSchema(secretSchema, parseJson(text), how))
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // Neither the text nor the parser's message, which quotes it: it may be a token.
    throw new ServiceError('invalid-service-config', 'the token secret is not JSON', {
      details: [{ path: 'secret', problem: 'is not JSON', allowed: '{"token": "…"}' }],
    })
  }
}
