import files from 'node:fs'
import promises from 'node:fs/promises'
import { syncBuiltinESMExports } from 'node:module'
import { Readable } from 'node:stream'

const NAMES = [
  'mkdir',
  'rm',
  'readdir',
  'readFile',
  'writeFile',
  'stat',
  'lstat',
  'readlink',
  'realpath',
] as const

/**
 * Lets the local files of workers answer at once, for the whole process: a thread pool would decide
 * who goes on first, and takes most of the time of a run on a busy machine. What is not named here
 * is waited for (`settle`).
 */
export function answerLocalFilesAtOnce(): void {
  for (const name of NAMES) {
    const atOnce = files[`${name}Sync`] as (...args: unknown[]) => unknown
    const promised = (...args: unknown[]): Promise<unknown> =>
      new Promise((resolve) => {
        resolve(atOnce(...args))
      })
    Object.assign(promises, { [name]: promised })
  }
  Object.assign(files, { createReadStream: readAtOnce })
  syncBuiltinESMExports()
}

/** The whole file in one piece. */
function readAtOnce(path: string): Readable {
  return new Readable({
    read() {
      try {
        this.push(files.readFileSync(path))
        this.push(null)
      } catch (error) {
        this.destroy(error as Error)
      }
    },
  })
}
