/** Kinds of values that a schema is made of. */
import { z } from 'zod'

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
