import { formatPath } from '../parsing/parse-with-schema.ts'
import { type JsonSchema, nestedJsonSchema } from './service-json-schema.ts'

/** One key of `service.json`, as a reference page shows it. */
export interface Setting {
  /** `metadata.rpc.keepalive`, `containers[].port`. */
  readonly path: string
  /** Kind and bounds in words: `whole number, 1 to 1000`. */
  readonly type: string
  readonly isRequired: boolean
  /** JSON, or words where it follows from another key. */
  readonly default?: string
  readonly what: string
  /** Why the key has no effect. */
  readonly ignored?: string
}

/** Every key of `service.json`, in the order of the schema. */
export function listSettings(): Setting[] {
  return listBelow(nestedJsonSchema(), '')
}

function listBelow({ properties = {}, required = [] }: JsonSchema, prefix: string): Setting[] {
  return Object.entries(properties).flatMap(([key, schema]) => {
    const path = formatPath([key], prefix)
    if (schema.properties !== undefined) return listBelow(schema, path)
    if (schema.items?.properties !== undefined) return listBelow(schema.items, `${path}[]`)
    return [toSetting(schema, { path, isRequired: required.includes(key) })]
  })
}

function toSetting(
  schema: JsonSchema,
  { path, isRequired }: { path: string; isRequired: boolean },
): Setting {
  const { 'x-default': inWords, 'x-ignored': ignored, default: value } = schema
  const byDefault = inWords ?? (value === undefined ? undefined : JSON.stringify(value))
  return {
    path,
    type: typeInWords(schema),
    isRequired,
    ...(byDefault === undefined ? {} : { default: byDefault }),
    what: schema.description ?? '',
    ...(ignored === undefined ? {} : { ignored }),
  }
}

const KINDS: Readonly<Record<string, string>> = {
  integer: 'whole number',
  number: 'number',
  string: 'text',
  boolean: 'true or false',
  object: 'names and values',
  array: 'list',
}

function typeInWords({ type, enum: choices, minimum, maximum }: JsonSchema): string {
  if (choices !== undefined) return choices.map((choice) => JSON.stringify(choice)).join(' or ')
  const kind = (type === undefined ? undefined : KINDS[type]) ?? 'anything'
  if (minimum === undefined || maximum === undefined) return kind
  return `${kind}, ${minimum} to ${maximum}`
}
