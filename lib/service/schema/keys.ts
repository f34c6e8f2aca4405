/** The building blocks of the schema: kinds of values and kinds of keys. */
import { z } from 'zod'

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
