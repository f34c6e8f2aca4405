import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { readStoreSettings } from '../../lib/adapters/aws/aws-settings-from-env.ts'
import { ENV, LOG_LEVELS, type LogLevel } from '../../lib/registry/env.ts'
import {
  type Environment,
  readEnvironment,
  type SettingsReader,
} from '../../lib/parsing/settings-reader.ts'
import type { WorkerStoreSettings } from './open-store.ts'

/** A worker's environment, parsed once. */
export interface WorkerSettings {
  readonly store: WorkerStoreSettings
  readonly serviceFile: string
  readonly serviceDir: string
  /** Of all that this worker runs. */
  readonly version: string
  readonly workRoot: string
  readonly logLevel: LogLevel
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
}

const METADATA_URI = 'ECS_CONTAINER_METADATA_URI_V4' // set by ECS
const BACKENDS = ['embedded', 'aws'] as const

/**
 * @throws ServiceError `invalid-environment` with every mistake
 */
export function readSettings(env: Environment): WorkerSettings {
  return readEnvironment(env, 'the environment of the worker', (reader) => {
    const backend = reader.oneOf(ENV.backend.name, BACKENDS, ENV.backend.default)
    return {
      ...readCommon(reader),
      ...(backend === 'aws' ? readOnAws(reader) : readOnMachine(reader)),
    }
  })
}

function readOnMachine(env: SettingsReader) {
  return {
    store: {
      backend: 'embedded' as const,
      stateDir: env.text(ENV.stateDir.name, ENV.stateDir.default),
    },
    workerId: env.text(ENV.workerId.name),
    taskId: env.text(ENV.taskId.name),
    ...(env.has(ENV.supervisorUri.name) && { supervisorUri: env.url(ENV.supervisorUri.name) }),
    ...(env.has(ENV.groupDir.name) && { groupDir: env.text(ENV.groupDir.name) }),
  }
}

function readOnAws(env: SettingsReader) {
  return {
    store: { backend: 'aws' as const, ...readStoreSettings(env) },
    metadataUri: env.url(METADATA_URI),
    ...(env.has(ENV.jobRole.name) && { jobRoleArn: env.text(ENV.jobRole.name) }),
  }
}

function readCommon(env: SettingsReader) {
  const serviceFile = env.text(ENV.serviceFile.name)
  const workRoot = env.text(ENV.workDir.name, join(tmpdir(), 'scalable-job-work'))
  return {
    serviceFile,
    serviceDir: resolve(env.text(ENV.serviceDir.name, dirname(serviceFile))),
    version: env.text(ENV.version.name),
    workRoot: resolve(workRoot),
    logLevel: env.oneOf(ENV.logLevel.name, LOG_LEVELS, ENV.logLevel.default),
    agentUri: env.url(ENV.agentUri.name),
  }
}
