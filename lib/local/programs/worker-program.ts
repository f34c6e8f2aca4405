import { createHash } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import process from 'node:process'
import type { WorkerCommand } from '../../adapters/child-processes/task/spawn-worker.ts'
import { ENV } from '../../registry/env.ts'
import { inheritedEnv } from '../../registry/inherited-env.ts'
import { WORKER_FOLDER } from '../../registry/package-files.ts'
import type { LocalFolders } from '../state/local-folders.ts'
import { findVersionFile } from '../state/version-files.ts'

const UNFINISHED = 'unfinished-'
const NAME_LENGTH = 16

/** The worker's program as this machine's workers are started from. */
export interface WorkerProgram {
  readonly folder: string
  readonly main: string
}

type Files = ReadonlyMap<string, Buffer>

/**
 * Copies the built worker below a folder, under a name that follows from its content: the files of a
 * running worker stay as they are while the package is built or installed anew. Where the copy is
 * there already nothing is written, so that a start needs no room on the disk for it.
 *
 * @throws Error of the file system
 */
export function copyWorkerProgram(parent: string): WorkerProgram {
  const files = readFiles(WORKER_FOLDER)
  const folder = join(parent, nameOf(files))
  if (![...files].every(([name, contents]) => isSame(join(folder, name), contents))) {
    const fresh = mkdtempSync(join(parent, UNFINISHED))
    for (const [name, contents] of files) writeFileSync(join(fresh, name), contents)
    rmSync(folder, { recursive: true, force: true })
    renameSync(fresh, folder)
  }
  return { folder, main: join(folder, 'main.js') }
}

/** Removes the programs of other releases, once no worker of theirs is left. */
export function removeOtherPrograms(parent: string, { folder }: WorkerProgram): void {
  for (const name of readdirSync(parent).filter((each) => each !== basename(folder))) {
    rmSync(join(parent, name), { recursive: true, force: true })
  }
}

interface WorkerSettings {
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

function readFiles(folder: string): Files {
  const names = readdirSync(folder).toSorted()
  return new Map(names.map((name) => [name, readFileSync(join(folder, name))]))
}

function nameOf(files: Files): string {
  const hash = createHash('sha256')
  for (const [name, contents] of files) hash.update(`${name}\0`).update(contents)
  return hash.digest('hex').slice(0, NAME_LENGTH)
}

function isSame(path: string, contents: Buffer): boolean {
  try {
    return readFileSync(path).equals(contents)
  } catch {
    return false // It is not there, or cannot be read.
  }
}
