import { z } from 'zod'

export const MAX_TAGS = 50
const MAX_TAG_VALUE_CHARS = 512

/**
 * A tag's name. No leading underscore, because PAI-EAS keeps those parameters for itself ("Queue
 * service", put), and no colon, which parts name and value in `GET /jobs?tag=name:value`.
 */
const TAG_NAME = /^[A-Za-z0-9.@/-][A-Za-z0-9_.@/-]{0,127}$/
/** Without control characters. Spelled out, so that JSON Schema can say it, which knows no flags. */
// eslint-disable-next-line no-control-regex -- control characters are what it refuses
const TAG_VALUE = /^[^\u0000-\u001f\u007f-\u009f]*$/

export const tagsSchema = z
  .record(
    z.string().regex(TAG_NAME, 'is not a tag name'),
    z
      .string()
      .max(MAX_TAG_VALUE_CHARS)
      .regex(TAG_VALUE, 'has control characters, which a tag must not have'),
  )
  .refine((tags) => Object.keys(tags).length <= MAX_TAGS, {
    error: 'has too many tags',
    params: { allowed: `at most ${MAX_TAGS} tags` },
  })
  .meta({
    propertyNames: { pattern: TAG_NAME.source },
    maxProperties: MAX_TAGS,
    description: `Up to ${MAX_TAGS} names and values of your own; they come back with every answer and message.`,
    example: { experiment: 'lr-3e4' },
  })

/** `name:value`, as `GET /jobs?tag=` takes it. */
export const tagFilterSchema = z.string().regex(
  // eslint-disable-next-line no-control-regex -- control characters are what it refuses
  /^[A-Za-z0-9.@/-][A-Za-z0-9_.@/-]{0,127}:[^\u0000-\u001f\u007f-\u009f]*$/,
  'is not name:value',
)

export function splitTagFilter(filter: string): readonly [name: string, value: string] {
  const colon = filter.indexOf(':')
  return [filter.slice(0, colon), filter.slice(colon + 1)]
}
