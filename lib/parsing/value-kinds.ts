import { z } from 'zod'

/** Kinds of values that a schema is made of. */

/** Timers take at most 2^31 − 1 ms; a longer limit would fire at once. */
const LONGEST_SECONDS = 2_147_483

/** Seconds, fractions allowed, from 0. */
export function seconds() {
  return z.number().min(0).max(LONGEST_SECONDS)
}

/** Seconds, fractions allowed, of something that cannot take no time. */
export function someSeconds() {
  return z.number().min(0.01).max(LONGEST_SECONDS)
}

/** Text for a shell or the environment: the kernel ends both at a NUL character. */
export function textWithoutNul() {
  return z
    .string()
    .refine((text) => !text.includes('\0'), {
      error: 'has a NUL character',
      params: { allowed: 'text without NUL characters' },
    })
    .meta({ pattern: '^[^\\u0000]*$' })
}

/** Rules of schemas whose mistakes are told in words: what is wrong, and what is allowed. */

/** Adds a mistake that the kinds of values alone do not show. */
export function addMistake(
  context: z.core.$RefinementCtx,
  mistake: { path: PropertyKey[]; problem: string; got: unknown; allowed: string },
): void {
  const { path, problem, got, allowed } = mistake
  context.addIssue({ code: 'custom', path, message: problem, input: got, params: { allowed } })
}

/** Text that fits `pattern`. Editors and the API's document get the pattern, people the words. */
export function textLike(pattern: RegExp, words: { problem: string; allowed: string }) {
  const { problem, allowed } = words
  return z
    .string()
    .refine((text) => pattern.test(text), { error: problem, params: { allowed } })
    .meta({ pattern: pattern.source })
}

/**
 * A record of names and values that refuses `__proto__`: JSON can hold that key, the record's own
 * schema would drop it without a word, and what was given must never vanish.
 */
export function refusePrototypeKey<T extends z.ZodType>(record: T, allowed: string) {
  return z.preprocess((value, context) => {
    if (typeof value === 'object' && value !== null && Object.hasOwn(value, '__proto__')) {
      const problem = 'is a name that cannot be given'
      addMistake(context, { path: ['__proto__'], problem, got: '__proto__', allowed })
    }
    return value
  }, record)
}

export interface NumberBounds {
  readonly min: number
  readonly max: number
}

/**
 * A whole number in a query string: decimal digits alone, so that `1e3`, `0x10` and an empty value
 * are mistakes and not numbers.
 */
export function wholeNumber({ min, max }: NumberBounds) {
  return z.preprocess(
    (text) => (typeof text === 'string' && /^\d{1,15}$/.test(text) ? Number(text) : text),
    z.int().min(min).max(max),
  )
}

/** Longest wait that one request may ask for (SQS's longest poll; below API Gateway's 30 s). */
const MAX_WAIT_SECONDS = 20

export function waitSecondsParameter(what: string) {
  return wholeNumber({ min: 0, max: MAX_WAIT_SECONDS })
    .default(0)
    .meta({ description: `Longest wait in seconds ${what}`, example: 20 })
}
