import { z } from 'zod'
import { DOTTED_SECTIONS } from './expand-dotted-keys.ts'
import { serviceSchema } from './schema/service-schema.ts'

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
export function nestedJsonSchema(): JsonSchema {
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
