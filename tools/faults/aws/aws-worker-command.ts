import { resolve } from 'node:path'
import process from 'node:process'
import type { StoreSettings } from '../../../lib/adapters/aws/aws-settings.ts'
import { ENV } from '../../../lib/registry/env.ts'
import type { WorkerCommand } from '../../../lib/adapters/child-processes/task/spawn-worker.ts'

const PROGRAM = resolve(import.meta.dirname, 'programs/ecs-worker.ts')

export interface AwsWorkerSettings {
  readonly store: StoreSettings
  readonly serviceFile: string
  readonly version: string
  readonly workRoot: string
  readonly workersFile: string
  /** The bundled worker's program. */
  readonly main: string
}

/** A worker with the environment that its task definition and ECS give it. */
export function makeAwsWorkerCommand(settings: AwsWorkerSettings): WorkerCommand {
  const { store, serviceFile, version, workRoot, workersFile, main } = settings
  return {
    file: process.execPath,
    args: ['--disable-warning=ExperimentalWarning', PROGRAM],
    cwd: workRoot,
    env: {
      PATH: process.env['PATH'] ?? '',
      NODE_COMPILE_CACHE: resolve(workRoot, '../compile-cache'),
      FAULTS_WORKERS: workersFile,
      FAULTS_WORKER_MAIN: main,
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      AWS_REGION: store.region ?? '',
      AWS_ENDPOINT_URL: store.endpoint ?? '',
      [ENV.backend.name]: 'aws',
      [ENV.tableName.name]: store.tableName,
      [ENV.bucketName.name]: store.bucketName,
      [ENV.queueUrls.name]: JSON.stringify(store.queueUrls),
      [ENV.serviceFile.name]: serviceFile,
      [ENV.version.name]: version,
      [ENV.workDir.name]: workRoot,
    },
  }
}
