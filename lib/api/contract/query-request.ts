import { textLike } from '../../parsing/value-kinds.ts'
import { z } from 'zod'

const PATH = /^\/(?![/\\])[\x21-\x22\x24-\x5b\x5d-\x7e]*$/
/** Before the query string no part is `.` or `..`, with dots and slashes in any spelling. */
const STAYS_INSIDE = /^(?![^?]*(?:\/|%2[fF]|%5[cC])(?:\.|%2[eE]){1,2}(?:\/|%2[fF]|%5[cC]|\?|$))/

/** Room for every path that fits into a request line: percent escapes take nine for one character. */
const MAX_PATH_CHARS = 8192

/**
 * Path (with query string) of the model server that a query job goes to. Refused: a second slash at
 * the start (it would name another host), `..` in any spelling, `#`, backslashes, spaces and
 * everything that is not visible ASCII.
 */
export const queryPathSchema = textLike(PATH, {
  problem: 'is not a path of the model server',
  allowed: 'a path that begins with one /, with spaces and other special characters escaped',
})
  .max(MAX_PATH_CHARS)
  .refine((path) => STAYS_INSIDE.test(path), {
    error: 'climbs out of its folder',
    params: { allowed: 'a path without . and .. as parts' },
  })
  .meta({
    pattern: STAYS_INSIDE.source + PATH.source.slice(1),
    description: 'Path of the model server, with its query string.',
    example: '/v1/classify?top=3',
  })

const MAX_HEADERS = 64
const HEADER_NAME = /^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,128}$/
/** Visible ASCII, space and Latin-1: what an HTTP client can send; no line ends, so no injection. */
const HEADER_VALUE = /^[\x20-\x7e\xa0-\xff]*$/
const MAX_HEADER_VALUE_CHARS = 4096

/** Named for this API or set by the transport, so never passed on to the model server. */
const KEPT_BACK = new Set([
  'accept',
  'accept-encoding',
  'authorization',
  'connection',
  'content-length',
  'cookie',
  'expect',
  'forwarded',
  'host',
  'idempotency-key',
  'keep-alive',
  'origin',
  'referer',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'user-agent',
  'via',
  'x-real-ip',
  'x-request-id',
])
const KEPT_BACK_PREFIXES = ['proxy-', 'sec-', 'x-amz', 'x-eas-', 'x-forwarded-', 'cf-']

/** Headers of its own transport, which no caller can set for the model server. */
const TRANSPORT = new Set([
  'connection',
  'content-length',
  'expect',
  'host',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

/** {@link HEADER_NAME} without those of the transport in any case, as JSON Schema can say it. */
const NAME_OF_CALLER = `^(?!(?:${[...TRANSPORT].map(inAnyCase).join('|')})$)[A-Za-z0-9!#$%&'*+.^_\`|~-]{1,128}$`

/** `request.headers` of a query: given on purpose, so only what would break the transport is refused. */
export const queryHeadersSchema = z
  .record(
    textLike(HEADER_NAME, {
      problem: 'is not a header name',
      allowed: 'letters, digits and the signs that HTTP allows in a name',
    }).refine((name) => !TRANSPORT.has(name.toLowerCase()), {
      error: 'is set by the worker',
      params: { allowed: `any header but ${[...TRANSPORT].join(', ')}` },
    }),
    textLike(HEADER_VALUE, {
      problem: 'has characters that a header must not have',
      allowed: 'text without line breaks and other control characters',
    }).max(MAX_HEADER_VALUE_CHARS),
  )
  .refine((headers) => Object.keys(headers).length <= MAX_HEADERS, {
    error: 'has too many headers',
    params: { allowed: `at most ${MAX_HEADERS} headers` },
  })
  .transform(lowerCaseNames)
  .meta({
    propertyNames: { pattern: NAME_OF_CALLER },
    maxProperties: MAX_HEADERS,
  })

/** Which headers of a put request the model server gets to see. */
export function pickQueryHeaders(headers: Iterable<readonly [string, string]>) {
  const kept = [...headers].filter(([name, value]) => {
    const lower = name.toLowerCase()
    if (KEPT_BACK.has(lower)) return false
    if (KEPT_BACK_PREFIXES.some((prefix) => lower.startsWith(prefix))) return false
    return HEADER_VALUE.test(value) && value.length <= MAX_HEADER_VALUE_CHARS
  })
  return lowerCaseNames(Object.fromEntries(kept.slice(0, MAX_HEADERS)))
}

function inAnyCase(name: string): string {
  return name.replaceAll(/[a-z]/g, (letter) => `[${letter}${letter.toUpperCase()}]`)
}

function lowerCaseNames(headers: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
  )
}
