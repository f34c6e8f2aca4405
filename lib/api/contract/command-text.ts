import { z } from 'zod'

/**
 * A command line: something that is not white space, and no NUL, at which the kernel would end it.
 * The white space is spelled out, because `\\s` means different characters in different languages.
 * White space first, then what is none: no character fits in two ways, so that a long text is read once.
 */
export const COMMAND_TEXT =
  // eslint-disable-next-line no-control-regex -- NUL is what it refuses
  /^[\u0009-\u000d \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff]*[^\u0000\u0009-\u000d \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff][^\u0000]*$/

export const commandSchema = z.string().regex(COMMAND_TEXT, 'is empty, or has a NUL character')
