import { join } from 'node:path'
import process from 'node:process'
import { ENV } from '../../registry/env.ts'
import type { WorkerCommand } from '../../adapters/child-processes/task/spawn-worker.ts'
import type { WorkerProgram } from './worker-program.ts'
import type { LocalFolders } from '../state/local-folders.ts'
import { inheritedEnv } from '../../registry/inherited-env.ts'
import { findVersionFile } from '../state/version-files.ts'

export interface WorkerSettings {
  readonly folders: LocalFolders
  readonly program: WorkerProgram
  readonly serviceDir: string
  readonly apiUrl: string
  readonly logLevel: string
}

/** How the supervisor starts a worker of a version. */
export function makeWorkerCommand(settings: WorkerSettings, version: string): WorkerCommand {
  const { folders, program, serviceDir, apiUrl, logLevel } = settings
  return {
    file: process.execPath,
    args: ['--disable-warning=ExperimentalWarning', program.main],
    cwd: serviceDir,
    env: {
      ...inheritedEnv(process.env),
      NODE_COMPILE_CACHE: join(folders.state, 'compile-cache'),
      [ENV.backend.name]: 'embedded',
      [ENV.stateDir.name]: folders.state,
      [ENV.serviceFile.name]: findVersionFile(folders.versions, version),
      [ENV.version.name]: version,
      [ENV.serviceDir.name]: serviceDir,
      [ENV.workDir.name]: folders.work,
      [ENV.apiUrl.name]: apiUrl,
      [ENV.logLevel.name]: logLevel,
    },
  }
}
