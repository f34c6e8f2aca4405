import { createHash } from 'node:crypto'
import {
  existsSync,
  globSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
} from 'node:fs'
import { basename, join } from 'node:path'
import { bundleWorker } from './bundle-worker.ts'

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
 * no thread of it has to strip types (docs/worker.md says what that does to V8).
 */
export function keepWorkerProgram(parent: string): WorkerProgram {
  const fresh = mkdtempSync(join(parent, UNFINISHED))
  bundleWorker(fresh)
  const name = hashFiles(fresh)
  const folder = join(parent, name)
  if (existsSync(folder) && hashFiles(folder) === name) {
    rmSync(fresh, { recursive: true })
  } else {
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

function hashFiles(folder: string): string {
  const hash = createHash('sha256')
  for (const path of globSync('**/*.{js,json}', { cwd: folder }).toSorted()) {
    hash.update(`${path}\0`).update(readFileSync(join(folder, path)))
  }
  return hash.digest('hex').slice(0, NAME_LENGTH)
}
