import { z } from 'zod'
import { ENV } from '../../registry/env.ts'
import { parseWithSchema } from '../../parsing/parse-with-schema.ts'

type Environment = Readonly<Record<string, string | undefined>>

/** What every function of a service gets. */
export interface FunctionSettings {
  /** Path of the service as the deploy compiled it. */
  readonly serviceFile: string
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error'
}

/** What the API gets beside them. */
export interface ApiSettings extends FunctionSettings {
  readonly tokenSecret: string
  readonly scalerFunction: string
  readonly apiVersion: string
}

const text = z.string().min(1, 'is empty')

const functionSchema = z.object({
  [ENV.serviceFile.name]: text,
  [ENV.logLevel.name]: z.enum(['debug', 'info', 'warn', 'error']).default(ENV.logLevel.default),
})

const tokenSchema = z.object({ [ENV.tokenSecret.name]: text })

const apiSchema = tokenSchema.extend({
  [ENV.scalerFunction.name]: text,
  [ENV.apiVersion.name]: text,
})

/** @throws ServiceError `invalid-environment`, with every mistake */
export function functionSettingsFromEnv(env: Environment): FunctionSettings {
  const parsed = parse(functionSchema, env)
  return { serviceFile: parsed[ENV.serviceFile.name], logLevel: parsed[ENV.logLevel.name] }
}

/** @throws ServiceError `invalid-environment`, with every mistake */
export function apiSettingsFromEnv(env: Environment): ApiSettings {
  const parsed = parse(apiSchema, env)
  return {
    ...functionSettingsFromEnv(env),
    tokenSecret: parsed[ENV.tokenSecret.name],
    scalerFunction: parsed[ENV.scalerFunction.name],
    apiVersion: parsed[ENV.apiVersion.name],
  }
}

/**
 * The secret that holds the tokens: all that the authorizer needs.
 *
 * @throws ServiceError `invalid-environment`
 */
export function tokenSecretFromEnv(env: Environment): string {
  return parse(tokenSchema, env)[ENV.tokenSecret.name]
}

function parse<T extends z.ZodType>(schema: T, env: Environment): z.output<T> {
  const how = { code: 'invalid-environment', what: 'the environment', root: 'env' } as const
  return parseWithSchema(schema, env, how)
}
