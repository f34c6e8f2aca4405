import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { z } from 'zod'
import { ENV } from '../../lib/registry/env.ts'
import { parseWithSchema } from '../../lib/parsing/parse-with-schema.ts'
import { QUEUE_NAMES } from '../../lib/ports/queues.ts'
import type { StoreSettings } from './store-settings.ts'

/** A worker's environment, parsed once. */
export interface WorkerSettings {
  readonly store: StoreSettings
  readonly serviceFile: string
  readonly serviceDir: string
  readonly workRoot: string
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error'
  readonly agentUri: string
  /** Absent on ECS. */
  readonly supervisorUri?: string
  /** Absent on ECS. */
  readonly groupDir?: string
  /** Absent on ECS, where it follows from the task. */
  readonly workerId?: string
  readonly taskId?: string
  /** Where ECS tells about the task. */
  readonly metadataUri?: string
  /** On ECS: the role that jobs act as; absent: they have no credentials. */
  readonly jobRoleArn?: string
  /** On ECS: the version of the whole worker, of which that of the service is a part. */
  readonly version?: string
}

const METADATA_URI = 'ECS_CONTAINER_METADATA_URI_V4' // set by ECS

const text = z.string().min(1)
const jsonText = text.transform((value, context): unknown => {
  try {
    return JSON.parse(value) as unknown
  } catch {
    context.addIssue({ code: 'custom', message: 'is no JSON' })
    return z.NEVER
  }
})

const common = {
  [ENV.serviceFile.name]: text,
  [ENV.serviceDir.name]: text.optional(),
  [ENV.workDir.name]: text.optional(),
  [ENV.logLevel.name]: z.enum(['debug', 'info', 'warn', 'error']).default(ENV.logLevel.default),
  [ENV.agentUri.name]: z.url(),
}

const embedded = z.object({
  ...common,
  [ENV.backend.name]: z.literal('embedded').default('embedded'),
  [ENV.stateDir.name]: text.default(ENV.stateDir.default),
  [ENV.supervisorUri.name]: z.url().optional(),
  [ENV.groupDir.name]: text.optional(),
  [ENV.workerId.name]: text,
  [ENV.taskId.name]: text,
})

const aws = z.object({
  ...common,
  [ENV.backend.name]: z.literal('aws'),
  [ENV.tableName.name]: text,
  [ENV.bucketName.name]: text,
  [ENV.queueUrls.name]: jsonText.pipe(z.partialRecord(z.enum(QUEUE_NAMES), z.url())),
  [ENV.jobRole.name]: text.optional(),
  [METADATA_URI]: z.url(),
  [ENV.version.name]: text,
})

const backend = z.object({
  [ENV.backend.name]: z.enum(['embedded', 'aws']).default(ENV.backend.default),
})

const HOW = {
  code: 'invalid-environment',
  what: 'the environment of the worker',
  root: 'env',
} as const

/**
 * @throws ServiceError `invalid-environment` with every mistake
 */
export function readSettings(env: NodeJS.ProcessEnv): WorkerSettings {
  // An empty variable is one that was not set.
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''))
  const chosen = parseWithSchema(backend, given, HOW)
  return chosen[ENV.backend.name] === 'aws' ? readAws(given) : readEmbedded(given)
}

function readEmbedded(given: object): WorkerSettings {
  const values = parseWithSchema(embedded, given, HOW)
  const supervisorUri = values[ENV.supervisorUri.name]
  const groupDir = values[ENV.groupDir.name]
  return {
    ...readCommon(values),
    store: { backend: 'embedded', stateDir: values[ENV.stateDir.name] },
    workerId: values[ENV.workerId.name],
    taskId: values[ENV.taskId.name],
    ...(supervisorUri !== undefined && { supervisorUri }),
    ...(groupDir !== undefined && { groupDir }),
  }
}

function readAws(given: object): WorkerSettings {
  const values = parseWithSchema(aws, given, HOW)
  const jobRoleArn = values[ENV.jobRole.name]
  return {
    ...readCommon(values),
    store: {
      backend: 'aws',
      tableName: values[ENV.tableName.name],
      bucketName: values[ENV.bucketName.name],
      queueUrls: values[ENV.queueUrls.name],
    },
    metadataUri: values[METADATA_URI],
    version: values[ENV.version.name],
    ...(jobRoleArn !== undefined && { jobRoleArn }),
  }
}

function readCommon(values: z.output<z.ZodObject<typeof common>>) {
  const serviceFile = values[ENV.serviceFile.name]
  return {
    serviceFile,
    serviceDir: resolve(values[ENV.serviceDir.name] ?? dirname(serviceFile)),
    workRoot: resolve(values[ENV.workDir.name] ?? join(tmpdir(), 'scalable-job-work')),
    logLevel: values[ENV.logLevel.name],
    agentUri: values[ENV.agentUri.name],
  }
}
