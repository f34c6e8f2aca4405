import { ENV, LOG_LEVELS, type LogLevel } from '../../registry/env.ts'
import {
  type Environment,
  readEnvironment,
  type SettingsReader,
} from '../../parsing/settings-reader.ts'

/** What every function of a service gets. */
export interface FunctionSettings {
  /** Path of the service as the deploy compiled it. */
  readonly serviceFile: string
  readonly logLevel: LogLevel
}

/** What the API gets beside them. */
export interface ApiSettings extends FunctionSettings {
  readonly tokenSecret: string
  readonly scalerFunction: string
  readonly apiVersion: string
}

/** @throws ServiceError `invalid-environment`, with every mistake */
export function functionSettingsFromEnv(env: Environment): FunctionSettings {
  return readEnvironment(env, WHAT, readFunctionSettings)
}

/** @throws ServiceError `invalid-environment`, with every mistake */
export function apiSettingsFromEnv(env: Environment): ApiSettings {
  return readEnvironment(env, WHAT, (reader) => ({
    ...readFunctionSettings(reader),
    tokenSecret: reader.text(ENV.tokenSecret.name),
    scalerFunction: reader.text(ENV.scalerFunction.name),
    apiVersion: reader.text(ENV.apiVersion.name),
  }))
}

/**
 * The secret that holds the tokens: all that the authorizer needs.
 *
 * @throws ServiceError `invalid-environment`
 */
export function tokenSecretFromEnv(env: Environment): string {
  return readEnvironment(env, WHAT, (reader) => reader.text(ENV.tokenSecret.name))
}

const WHAT = 'the environment'

function readFunctionSettings(env: SettingsReader): FunctionSettings {
  return {
    serviceFile: env.text(ENV.serviceFile.name),
    logLevel: env.oneOf(ENV.logLevel.name, LOG_LEVELS, ENV.logLevel.default),
  }
}
