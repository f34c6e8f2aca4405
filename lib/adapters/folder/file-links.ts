import { createHmac, timingSafeEqual } from 'node:crypto'
import { checkFileKey } from '../../job/keys.ts'

export interface FileLinks {
  /** Where the handler of the links is served, without a slash at the end. */
  readonly baseUrl: string
  readonly secret: string
}

/** What a link allows. */
export interface FileGrant {
  readonly key: string
  readonly method: 'GET' | 'PUT'
  /** Milliseconds since 1970; the link counts whole seconds. */
  readonly expiresAtMs: number
  /** Of a PUT: the largest file that it takes. */
  readonly maxBytes?: number
}

export type FileLinkCheck =
  | { readonly ok: true; readonly key: string; readonly maxBytes?: number }
  | { readonly ok: false; readonly why: 'malformed' | 'not-signed' | 'expired' }

const ROUTE = '/files/'

/** `<baseUrl>/files/<key>?expires=…&signature=…`, for a PUT with `maxBytes=…`. */
export function makeFileLink({ baseUrl, secret }: FileLinks, grant: FileGrant): string {
  const path = grant.key.split('/').map(encodeURIComponent).join('/')
  const query = new URLSearchParams({ expires: String(Math.ceil(grant.expiresAtMs / 1_000)) })
  if (grant.maxBytes !== undefined) query.set('maxBytes', String(grant.maxBytes))
  query.set(
    'signature',
    sign(secret, { ...readTerms(query), key: grant.key, method: grant.method }),
  )
  return `${baseUrl}${ROUTE}${path}?${query.toString()}`
}

/**
 * Whether a link, as it came in, allows this method now. HEAD counts as GET. The path before
 * `/files/` does not matter, so that a proxy may serve it elsewhere.
 */
export function verifyFileLink(
  method: string,
  url: string,
  { secret, nowMs }: { readonly secret: string; readonly nowMs: number },
): FileLinkCheck {
  const parsed = URL.parse(url)
  const key = parsed === null ? undefined : readKey(parsed.pathname)
  if (parsed === null || key === undefined) return { ok: false, why: 'malformed' }
  const terms = readTerms(parsed.searchParams)
  const signedMethod = method === 'HEAD' ? 'GET' : method
  const expected = sign(secret, { ...terms, key, method: signedMethod })
  const given = parsed.searchParams.get('signature') ?? ''
  if (!equalInConstantTime(expected, given)) return { ok: false, why: 'not-signed' }
  if (nowMs > Number(terms.expires) * 1_000) return { ok: false, why: 'expired' }
  return { ok: true, key, ...(terms.maxBytes !== '' && { maxBytes: Number(terms.maxBytes) }) }
}

interface Terms {
  readonly expires: string
  readonly maxBytes: string
}

/** Taken as text, so that what is signed is exactly what stands in the link. */
function readTerms(query: URLSearchParams): Terms {
  return { expires: query.get('expires') ?? '', maxBytes: query.get('maxBytes') ?? '' }
}

function readKey(pathname: string): string | undefined {
  const at = pathname.indexOf(ROUTE)
  if (at < 0) return undefined
  try {
    return checkFileKey(decodeURIComponent(pathname.slice(at + ROUTE.length)))
  } catch {
    return undefined
  }
}

/** Each part is encoded, so that the line breaks between them are the only ones. */
function sign(secret: string, terms: Terms & { key: string; method: string }): string {
  const { method, key, expires, maxBytes } = terms
  const text = [method, key, expires, maxBytes].map(encodeURIComponent).join('\n')
  return createHmac('sha256', secret).update(text).digest('base64url')
}

function equalInConstantTime(one: string, other: string): boolean {
  const [left, right] = [Buffer.from(one), Buffer.from(other)]
  return left.length === right.length && timingSafeEqual(left, right)
}
