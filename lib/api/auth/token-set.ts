import { createHash, timingSafeEqual } from 'node:crypto'
import { ADMIN_TENANT, tenantSchema } from '../contract/tenant.ts'
import { ServiceError, showValue } from '../../registry/errors.ts'
import { z } from 'zod'
import { parseWithSchema } from '../../parsing/parse-with-schema.ts'

interface TokenEntry {
  /** Whom the token acts for; `*` acts for every tenant. */
  readonly tenant: string
  /** SHA-256 of the token in hexadecimal: the token itself need not be kept anywhere. */
  readonly tokenSha256: string
}

export type TokenSet = readonly TokenEntry[]

/** Whom a request is from. */
export interface Caller {
  readonly tenant: string
  readonly isAdmin: boolean
  /** Admin, or the only tenant of the service: may see what belongs to all. */
  readonly seesAll: boolean
}

/**
 * @throws ServiceError `invalid-service-config` for an empty token or a tenant that is no name
 */
export function makeTokenSet(
  tokens: readonly { readonly tenant: string; readonly token: string }[],
): TokenSet {
  return tokens.map(({ tenant, token }, index) => {
    const isTenant = tenant === ADMIN_TENANT || tenantSchema.safeParse(tenant).success
    if (!isTenant) throw invalidToken(`tokens[${index}].tenant`, 'is not a tenant', tenant)
    if (!/^[\x21-\x7e]+$/.test(token)) {
      throw invalidToken(`tokens[${index}].token`, 'is not visible ASCII without spaces', '')
    }
    return { tenant, tokenSha256: sha256(token).toString('hex') }
  })
}

/**
 * Whose token this is. Compares hashes, in constant time, with every entry, so that the time taken
 * tells neither how much of a token was right nor which entry it met.
 */
export function findCaller(tokens: TokenSet, presented: string): Caller | undefined {
  const hash = sha256(presented)
  let tenant: string | undefined
  for (const entry of tokens) {
    const expected = Buffer.from(entry.tokenSha256, 'hex')
    const isSame = expected.length === hash.length && timingSafeEqual(expected, hash)
    if (isSame) tenant = entry.tenant
  }
  if (tenant === undefined) return undefined
  const isAdmin = tenant === ADMIN_TENANT
  const isOnly = tokens.every((entry) => [tenant, ADMIN_TENANT].includes(entry.tenant))
  return { tenant, isAdmin, seesAll: isAdmin || isOnly }
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}

function invalidToken(path: string, problem: string, got: string): ServiceError {
  return new ServiceError('invalid-service-config', `${path} ${problem}`, {
    details: [{ path, problem, got: showValue(got, path) }],
  })
}

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
