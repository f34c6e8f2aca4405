import { createHash } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { basename, join } from 'node:path'
import { type BundledFile, bundleWorker, writeBundle } from './bundle-worker.ts'

const UNFINISHED = 'unfinished-'
const NAME_LENGTH = 16

/** A bundled worker on this machine. */
export interface WorkerProgram {
  /** Named for its content: what a running worker was started from does not change under it. */
  readonly folder: string
  readonly main: string
}

/**
 * Bundles the worker below a folder: it runs from the same JavaScript on one machine as on AWS, and
 * no thread of it has to strip types (docs/worker.md says what that does to V8). Where it is there
 * already nothing is written, so that a start needs no room on the disk for it.
 *
 * @throws Error of the file system
 */
export function keepWorkerProgram(parent: string): WorkerProgram {
  const files = bundleWorker()
  const folder = join(parent, nameOf(files))
  if (!files.every((file) => isKept(file, folder))) {
    const fresh = mkdtempSync(join(parent, UNFINISHED))
    writeBundle(files, fresh)
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

function nameOf(files: readonly BundledFile[]): string {
  const hash = createHash('sha256')
  for (const { path, contents } of files) hash.update(`${path}\0`).update(contents)
  return hash.digest('hex').slice(0, NAME_LENGTH)
}

function isKept({ path, contents }: BundledFile, folder: string): boolean {
  try {
    return readFileSync(join(folder, path)).equals(contents)
  } catch {
    return false // It is not there, or cannot be read.
  }
}
