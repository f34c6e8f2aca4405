import { z } from 'zod'
import { ENV } from '../../registry/env.ts'
import { parseWithSchema } from '../../parsing/parse-with-schema.ts'
import { SIDES } from '../../ports/fleet.ts'
import { QUEUE_NAMES } from '../../ports/queues.ts'
import type { FleetSettings, StoreSettings } from './aws-settings.ts'

type Environment = Readonly<Record<string, string | undefined>>

const nameSchema = z.string().min(1, 'is empty')

const storeSchema = z.object({
  [ENV.tableName.name]: nameSchema,
  [ENV.bucketName.name]: nameSchema,
  [ENV.queueUrls.name]: jsonText(
    z.partialRecord(z.enum(QUEUE_NAMES), z.url({ protocol: /^https?$/ })),
  ),
})

const fleetSchema = z.object({
  [ENV.clusterName.name]: nameSchema,
  [ENV.ecsServices.name]: jsonText(z.record(z.enum(SIDES), nameSchema)),
  [ENV.taskDefinition.name]: z
    .string()
    .regex(/:task-definition\/[^:]+:\d+$/, 'is no ARN of a task definition with its revision'),
  [ENV.machines.name]: jsonText(
    z.object({ groups: z.array(nameSchema).min(1), idleSeconds: z.number().min(0) }),
  ).optional(),
})

/**
 * Where table, queues and files are, from the environment of a worker or a Lambda. The region is
 * left to the SDK (`AWS_REGION`).
 *
 * @throws ServiceError `invalid-environment`, with every mistake
 */
export function storeSettingsFromEnv(env: Environment): StoreSettings {
  const parsed = parse(storeSchema, env)
  return {
    tableName: parsed[ENV.tableName.name],
    bucketName: parsed[ENV.bucketName.name],
    queueUrls: parsed[ENV.queueUrls.name],
  }
}

/**
 * The same and where the fleet is, from the environment of a Lambda.
 *
 * @throws ServiceError `invalid-environment`, with every mistake
 */
export function awsSettingsFromEnv(env: Environment): StoreSettings & FleetSettings {
  const parsed = parse(storeSchema.extend(fleetSchema.shape), env)
  const machines = parsed[ENV.machines.name]
  return {
    ...storeSettingsFromEnv(env),
    clusterName: parsed[ENV.clusterName.name],
    ecsServices: parsed[ENV.ecsServices.name],
    taskDefinitionArn: parsed[ENV.taskDefinition.name],
    ...(machines !== undefined && { machines }),
  }
}

function parse<T extends z.ZodType>(schema: T, env: Environment): z.output<T> {
  return parseWithSchema(schema, env, {
    code: 'invalid-environment',
    what: 'the environment',
    root: 'env',
  })
}

/** A variable whose text is JSON of this schema. */
function jsonText<T extends z.ZodType>(schema: T) {
  const parsed = z.string().transform((text, context): unknown => {
    try {
      return JSON.parse(text)
    } catch {
      context.addIssue({ code: 'custom', message: 'is not JSON' })
      return z.NEVER
    }
  })
  return parsed.pipe(schema)
}
