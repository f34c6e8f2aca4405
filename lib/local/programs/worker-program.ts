import { createHash } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { WORKER_FOLDER } from '../../registry/package-files.ts'

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
