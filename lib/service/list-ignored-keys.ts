import { z } from 'zod'
import { nearestName } from '../parsing/nearest-name.ts'
import { formatPath } from '../parsing/parse-with-schema.ts'
import { schemaBelow, unwrapSchema } from '../parsing/schema-tree.ts'
import { whyIgnored } from './schema/keys.ts'
import type { IgnoredKey } from './service.ts'

/**
 * Every key of `value` that is taken without effect: those the schema marks as ignored, with its
 * reason, and those it does not know, with the known key that was probably meant.
 */
export function listIgnoredKeys(schema: z.core.$ZodType, value: unknown): IgnoredKey[] {
  const found: IgnoredKey[] = []
  visit({ schema, value, path: [] }, found)
  return found
}

interface Place {
  readonly schema: z.core.$ZodType
  readonly value: unknown
  readonly path: readonly PropertyKey[]
}

/** As deep as the schema, however deep the value is. */
function visit({ schema, value, path }: Place, found: IgnoredKey[]): void {
  if (typeof value !== 'object' || value === null) return
  const inner = unwrapSchema(schema)
  if (inner instanceof z.ZodArray && Array.isArray(value)) {
    for (const [index, item] of value.entries()) {
      visit({ schema: inner.element, value: item, path: [...path, index] }, found)
    }
  }
  if (!(inner instanceof z.ZodObject) || Array.isArray(value)) return
  for (const [key, item] of Object.entries(value)) {
    const place = [...path, key]
    const below = schemaBelow(inner, key)
    const why = below === undefined ? unknownKey(inner, key) : whyIgnored(below)
    if (why !== undefined) found.push({ path: formatPath(place, ''), why })
    else if (below !== undefined) visit({ schema: below, value: item, path: place }, found)
  }
}

function unknownKey(schema: z.ZodObject, key: string): string {
  const meant = nearestName(key, Object.keys(schema.shape))
  return meant === undefined ? 'unknown key' : `unknown key; did you mean "${meant}"?`
}
