import { z } from 'zod'
import { addMistake } from './add-mistake.ts'

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
