/**
 * What a submitter may choose of a job, in one shape: from it follow the body of `POST /jobs`, the
 * stored job, its retry, its view and the reference. One more choice is a line here, and where it acts.
 */
import { z } from 'zod'
import { refusePrototypeKey, textLike, seconds, textWithoutNul } from '../parsing/value-kinds.ts'

const MAX_VARIABLES = 100
/** The environment stands in the job's row: 400 KB in DynamoDB, with everything else. */
const MAX_ENV_BYTES = 32_768

/** SCALABLE_JOB_… is what the worker tells the job; a job must not be lied to. */
const ENV_NAME = /^(?!SCALABLE_JOB_)[A-Za-z_][A-Za-z0-9_]{0,127}$/

const envSchema = z
  .record(
    textLike(ENV_NAME, {
      problem: 'is not a name that a job may set',
      allowed: '1 to 128 letters, digits and _, not beginning with a digit or with SCALABLE_JOB_',
    }),
    textWithoutNul(),
  )
  .refine((env) => Object.keys(env).length <= MAX_VARIABLES, {
    error: 'has too many variables',
    params: { allowed: `at most ${MAX_VARIABLES} variables` },
  })
  .refine((env) => new TextEncoder().encode(JSON.stringify(env)).length <= MAX_ENV_BYTES, {
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

export const MAX_TAGS = 50
const MAX_TAG_VALUE_CHARS = 512

/**
 * A tag's name. No leading underscore, because PAI-EAS keeps those parameters for itself ("Queue
 * service", put), and no colon, which parts name and value in `GET /jobs?tag=name:value`.
 */
const TAG_NAME = /^[A-Za-z0-9.@/-][A-Za-z0-9_.@/-]{0,127}$/
/** Without control characters. Spelled out, so that JSON Schema can say it, which knows no flags. */
// eslint-disable-next-line no-control-regex -- control characters are what it refuses
const TAG_VALUE = /^[^\u0000-\u001f\u007f-\u009f]*$/

export const tagsSchema = z
  .record(
    textLike(TAG_NAME, {
      problem: 'is not a tag name',
      allowed: '1 to 128 letters, digits, _, ., @, / and -, not beginning with _',
    }),
    textLike(TAG_VALUE, {
      problem: 'has control characters, which a tag must not have',
      allowed: 'text without control characters',
    }).max(MAX_TAG_VALUE_CHARS),
  )
  .refine((tags) => Object.keys(tags).length <= MAX_TAGS, {
    error: 'has too many tags',
    params: { allowed: `at most ${MAX_TAGS} tags` },
  })
  .meta({
    propertyNames: { pattern: TAG_NAME.source },
    maxProperties: MAX_TAGS,
    description: `Up to ${MAX_TAGS} names and values of your own; they come back with every answer and message.`,
    example: { experiment: 'lr-3e4' },
  })

const MAX_FURTHER_ATTEMPTS = 100

const limitsSchema = z.strictObject({
  runSeconds: seconds().describe('Longest run of one attempt; 0: no limit.'),
  queueSeconds: seconds().describe('Longest wait for the first attempt; 0: no limit.'),
  graceSeconds: seconds().describe('Seconds between SIGTERM and SIGKILL.'),
})

const retrySchema = z.strictObject({
  maxRetries: z
    .int()
    .min(0)
    .max(MAX_FURTHER_ATTEMPTS)
    .describe('Further attempts after failures of the job itself.'),
  maxLosses: z
    .int()
    .min(0)
    .max(MAX_FURTHER_ATTEMPTS)
    .describe('Further attempts after the worker vanished.'),
  backoffSeconds: seconds().describe(
    'Wait before the first retry; doubles with each further one, up to an hour.',
  ),
})

/** Every choice, as a stored job has it. */
export const jobChoicesShape = {
  env: refusePrototypeKey(envSchema, 'names of variables'),
  tags: refusePrototypeKey(tagsSchema, 'names of tags'),
  limits: limitsSchema,
  retry: retrySchema,
  checkpointSeconds: seconds().describe(
    'Seconds between two syncs of the checkpoint folder; 0 turns checkpoints off.',
  ),
  logToQueue: z.boolean().describe('Whether log lines go to the output queue as well.'),
}

/** Every choice, as a submitter may make it: what is absent is the service's. */
export const givenChoicesShape = {
  ...z.object(jobChoicesShape).partial().shape,
  limits: limitsSchema.partial().optional(),
  retry: retrySchema.partial().optional(),
}

type Deep<T> = T extends object ? { readonly [K in keyof T]: Deep<T[K]> } : T
export type JobChoices = Deep<z.output<z.ZodObject<typeof jobChoicesShape>>>
export type GivenChoices = Deep<z.output<z.ZodObject<typeof givenChoicesShape>>>

const NAMES = Object.keys(jobChoicesShape)

/** Without `undefined`, which a key that is absent does not have. */
type Present<T> = { readonly [K in keyof T]: Exclude<T[K], undefined> }

/** The choices alone, of a body or of a job. */
export function pickChoices<T extends GivenChoices>(
  from: T,
): Present<Pick<T, keyof T & keyof JobChoices>> {
  const chosen = Object.entries(withoutAbsent(from)).filter(([name]) => NAMES.includes(name))
  return Object.fromEntries(chosen) as Present<Pick<T, keyof T & keyof JobChoices>>
}

/** What a submitter chose, over what the service has for jobs of this type. */
export function completeChoices(
  given: GivenChoices,
  defaults: Omit<JobChoices, 'env' | 'tags'>,
): JobChoices {
  return {
    env: {},
    tags: {},
    ...defaults,
    ...pickChoices(given),
    limits: { ...defaults.limits, ...withoutAbsent(given.limits ?? {}) },
    retry: { ...defaults.retry, ...withoutAbsent(given.retry ?? {}) },
  }
}

function withoutAbsent<T extends object>(values: T): Present<T> {
  const present = Object.entries(values).filter(([, value]) => value !== undefined)
  return Object.fromEntries(present) as Present<T>
}
