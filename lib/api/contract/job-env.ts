import { z } from 'zod'
import { textWithoutNul } from '../../service/schema/keys.ts'

const MAX_VARIABLES = 100
/** The environment stands in the job's row: 400 KB in DynamoDB, with everything else. */
const MAX_ENV_BYTES = 32_768

/** SCALABLE_JOB_… is what the worker tells the job; a job must not be lied to. */
const ENV_NAME = /^(?!SCALABLE_JOB_)[A-Za-z_][A-Za-z0-9_]{0,127}$/

export const jobEnvSchema = z
  .record(z.string().regex(ENV_NAME, 'is not a name that a job may set'), textWithoutNul())
  .refine((env) => Object.keys(env).length <= MAX_VARIABLES, {
    error: 'has too many variables',
    params: { allowed: `at most ${MAX_VARIABLES} variables` },
  })
  .refine((env) => Buffer.byteLength(JSON.stringify(env)) <= MAX_ENV_BYTES, {
    error: 'is too large',
    params: { allowed: `at most ${MAX_ENV_BYTES} bytes in all` },
  })
  .meta({
    propertyNames: { pattern: ENV_NAME.source },
    maxProperties: MAX_VARIABLES,
    description:
      'Environment variables of a command job, on top of those of the service. No SCALABLE_JOB_ names.',
    example: { EPOCHS: '10' },
  })
