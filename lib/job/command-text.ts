/** What a command line is: one rule for the API, which refuses others, and the worker. */
import { isUtf8 } from 'node:buffer'

/**
 * Something that is not white space, and no NUL, at which the kernel would end it. The white space is
 * spelled out, because `\\s` means different characters in different languages. White space first, then
 * what is none: no character fits in two ways, so that a long text is read once.
 */
export const COMMAND_TEXT =
  // eslint-disable-next-line no-control-regex -- NUL is what it refuses
  /^[\u0009-\u000d \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff]*[^\u0000\u0009-\u000d \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff][^\u0000]*$/

/** Beyond so many bytes of white space nobody looks for a command; an upload may have gigabytes. */
const LOOKED_AT_BYTES = 1_048_576

/** Why bytes are no command line; nothing where they are one. */
export function findCommandMistake(bytes: Uint8Array): string | undefined {
  const beginning = Buffer.from(bytes.subarray(0, LOOKED_AT_BYTES)).toString('utf8')
  if (beginning.trim() === '') return 'is empty'
  if (bytes.includes(0)) return 'has a NUL character'
  return isUtf8(bytes) ? undefined : 'is not UTF-8'
}
