import { constants } from 'node:fs'
import { access, stat } from 'node:fs/promises'

/**
 * Checks a local file before the store takes part: a file that a job made unreadable is not a fault
 * of the store, and trying again does not help.
 *
 * @throws Error when it is absent, unreadable, or not a plain file (a pipe would never end)
 */
export async function checkLocalFile(path: string): Promise<void> {
  const found = await stat(path)
  if (!found.isFile()) throw new Error(`${path} is not a plain file`)
  await access(path, constants.R_OK)
}
