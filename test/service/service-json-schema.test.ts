import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import {
  listSettings,
  type JsonSchema,
  serviceJsonSchema,
} from '../../lib/service/service-json-schema.ts'
import { parseServiceConfig } from '../../lib/service/parse-service-config.ts'

describe('the JSON Schema for editors', () => {
  it('is the one in schema/service.schema.json: npm run docs renews it', () => {
    const file = join(import.meta.dirname, '../../schema/service.schema.json')
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(
      JSON.parse(JSON.stringify(serviceJsonSchema())),
    )
  })

  it('describes every key', () => {
    expect(listUndescribed(serviceJsonSchema() as JsonSchema, '')).toEqual([])
  })

  it('offers sections both nested and dotted, and closes the objects that are ours', () => {
    expect(serviceJsonSchema()).toMatchObject({
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      required: ['metadata', 'containers'],
      properties: {
        metadata: {
          properties: {
            rpc: { properties: { worker_threads: { default: 5 } } },
            'rpc.worker_threads': { default: 5 },
            'eas.termination_grace_period': { minimum: 0 },
          },
        },
        scalable_job: { additionalProperties: false },
      },
    })
  })
})

describe('an editor that only knows the JSON Schema', () => {
  const editorSchema = z.fromJSONSchema(serviceJsonSchema() as z.core.JSONSchema.JSONSchema)

  it.each(['kohya-integrated', 'kohya-independent', 'inference', 'everything'])(
    'accepts %s.json as the parser does',
    (name) => {
      const file = join(import.meta.dirname, `../fixtures/services/${name}.json`)
      const json: unknown = JSON.parse(readFileSync(file, 'utf8'))
      expect(editorSchema.safeParse(json).success).toBe(true)
      expect(() => parseServiceConfig(json)).not.toThrow()
    },
  )

  it('refuses a wrong value and an unknown key of ours', () => {
    const minimal = { metadata: { name: 'a', type: 'ScalableJob' }, containers: [{ image: 'a' }] }
    expect(editorSchema.safeParse(minimal).success).toBe(true)
    expect(editorSchema.safeParse({ ...minimal, scalable_job: { slots: 1 } }).success).toBe(false)
    expect(editorSchema.safeParse({ ...minimal, autoscaler: { max: 0 } }).success).toBe(false)
  })
})

describe('the list of settings', () => {
  const settings = new Map(listSettings().map((setting) => [setting.path, setting]))

  it('says kind, bounds, default and meaning of a key', () => {
    expect(settings.get('metadata.rpc.worker_threads')).toEqual({
      path: 'metadata.rpc.worker_threads',
      type: 'whole number, 1 to 1000',
      isRequired: false,
      default: '5',
      what: 'Query jobs at a time in one worker.',
    })
    expect(settings.get('metadata.name')).toMatchObject({ type: 'text', isRequired: true })
    expect(settings.get('autoscaler.min')).toMatchObject({ default: 'metadata.instance' })
    expect(settings.get('containers[].env[].value')).toMatchObject({ isRequired: true })
    expect(settings.get('metadata.qos')).toMatchObject({ ignored: expect.any(String) })
  })

  it('says the defaults that parsing really fills in', () => {
    const service = parseServiceConfig({
      metadata: { name: 'a', type: 'ScalableJob' },
      containers: [{ image: 'a' }],
    })
    const filledIn = {
      'metadata.instance': service.scaling.min,
      'metadata.cpu': service.resources.cpu,
      'metadata.memory': service.resources.memoryMib,
      'metadata.rpc.worker_threads': service.slots.query,
      'metadata.rpc.keepalive': service.jobDefaults.query.limits.runSeconds * 1000,
      'metadata.eas.termination_grace_period': service.timing.stopSeconds,
      'scalable_job.retry.command.max_losses': service.jobDefaults.command.retry.maxLosses,
      'scalable_job.intake.inline_bytes': service.intake.inlineBytes,
      'scalable_job.timing.lease_seconds.command': service.timing.leaseSeconds.command,
      'autoscaler.max': service.scaling.max,
    }
    for (const [path, value] of Object.entries(filledIn)) {
      expect([path, settings.get(path)?.default]).toEqual([path, String(value)])
    }
  })
})

function listUndescribed(schema: JsonSchema, path: string): string[] {
  const below = Object.entries(schema.properties ?? {}).flatMap(([key, inner]) => [
    ...(inner.description === undefined ? [`${path}/${key}`] : []),
    ...listUndescribed(inner, `${path}/${key}`),
  ])
  return schema.items === undefined ? below : [...below, ...listUndescribed(schema.items, path)]
}
