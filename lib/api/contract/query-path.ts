import { textLike } from '../../parsing/schema-rules.ts'

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
