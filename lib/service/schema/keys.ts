/** The building blocks of the schema: kinds of values and kinds of keys. */
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
      error: 'must not contain a NUL character',
      params: { allowed: 'text without \\u0000' },
    })
    .meta({ pattern: '^[^\\u0000]*$' })
}

/**
 * A key of PAI-EAS that means nothing here: any value is taken, and the report names the key and
 * `why`.
 */
export function ignoredKey(why: string) {
  return z
    .unknown()
    .optional()
    .meta({ description: `Ignored: ${why}.`, deprecated: true, 'x-ignored': why })
}

/** Why a key is ignored; nothing where it is honoured. */
export function whyIgnored(schema: z.core.$ZodType): string | undefined {
  const why = schema instanceof z.ZodType ? schema.meta()?.['x-ignored'] : undefined
  return typeof why === 'string' ? why : undefined
}
