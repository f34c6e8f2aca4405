import { randomBytes } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'

/**
 * A secret that stays the same over restarts, in a file that only its owner may read.
 *
 * @returns URL-safe text of 32 random bytes, or what the file holds already
 */
export function readOrMakeSecret(path: string): string {
  try {
    // `wx`: of two processes that start at once, one writes and both read the same.
    writeFileSync(path, randomBytes(32).toString('base64url'), { flag: 'wx', mode: 0o600 })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
  return readFileSync(path, 'utf8').trim()
}
