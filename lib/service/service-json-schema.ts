import { z } from 'zod'
import { DOTTED_SECTIONS } from './expand-dotted-keys.ts'
import { serviceSchema } from './schema/service-schema.ts'
import { formatPath } from '../parsing/parse-with-schema.ts'

/** The part of JSON Schema that `serviceJsonSchema` uses. */
export interface JsonSchema {
  readonly type?: string
  readonly description?: string
  readonly default?: unknown
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly required?: readonly string[]
  readonly items?: JsonSchema
  readonly enum?: readonly unknown[]
  readonly minimum?: number
  readonly maximum?: number
  /** Default in words, where it follows from another key. */
  readonly 'x-default'?: string
  /** Why the key has no effect. */
  readonly 'x-ignored'?: string
}

/** JSON Schema (draft 2020-12) of `service.json`, as it is written: nested keys only. */
function nestedJsonSchema(): JsonSchema {
  return z.toJSONSchema(serviceSchema, { target: 'draft-2020-12', io: 'input' }) as JsonSchema
}

/**
 * JSON Schema (draft 2020-12) of `service.json` for editors; a section that PAI-EAS writes nested
 * or dotted (`rpc.keepalive`) is offered in both forms.
 */
export function serviceJsonSchema(): object {
  const { properties = {}, ...root } = nestedJsonSchema()
  const { metadata = {} } = properties
  return {
    $id: 'service.schema.json',
    title: 'service.json of Scalable Job',
    ...root,
    properties: {
      ...properties,
      metadata: {
        ...metadata,
        properties: addDottedKeys(metadata.properties ?? {}, DOTTED_SECTIONS.metadata),
      },
    },
  }
}

function addDottedKeys(
  properties: Readonly<Record<string, JsonSchema>>,
  sections: readonly string[],
): Record<string, JsonSchema> {
  const dotted = sections.flatMap((section) =>
    Object.entries(properties[section]?.properties ?? {}).map(([key, schema]) => {
      return [`${section}.${key}`, schema] as const
    }),
  )
  return { ...properties, ...Object.fromEntries(dotted) }
}

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
