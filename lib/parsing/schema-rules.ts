/** Rules of schemas whose mistakes are told in words: what is wrong, and what is allowed. */
import { z } from 'zod'

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
