/** Reading a zod schema as a tree: which keys an object knows, and what stands below a key. */
import { z } from 'zod'

/** The schema without the wrappers that only make it optional or give it a default. */
export function unwrapSchema(schema: z.core.$ZodType): z.core.$ZodType {
  if (
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodNullable ||
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodPrefault
  ) {
    return unwrapSchema(schema.unwrap())
  }
  return schema
}

/** What stands below `key`; nothing where the schema knows no such key. */
export function schemaBelow(
  schema: z.core.$ZodType,
  key: PropertyKey,
): z.core.$ZodType | undefined {
  const inner = unwrapSchema(schema)
  if (inner instanceof z.ZodArray) return inner.element
  if (inner instanceof z.ZodRecord) return inner.valueType
  if (!(inner instanceof z.ZodObject)) return undefined
  return Object.hasOwn(inner.shape, key) ? inner.shape[String(key)] : undefined
}

/** The keys of the object at `path`, in the order of the schema. */
export function knownKeysAt(
  schema: z.core.$ZodType,
  path: readonly PropertyKey[],
): readonly string[] {
  let here: z.core.$ZodType | undefined = schema
  for (const key of path) here = here && schemaBelow(here, key)
  const inner = here && unwrapSchema(here)
  return inner instanceof z.ZodObject ? Object.keys(inner.shape) : []
}
