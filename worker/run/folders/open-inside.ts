import { constants } from 'node:fs'
import { type FileHandle, open, readlink, realpath } from 'node:fs/promises'
import { join } from 'node:path'

/** A file that stays the same whatever is put in its place. */
interface OpenFile {
  /** To be read as any other path. */
  readonly path: string
  close(): Promise<void>
}

/**
 * Opens a file below a folder that a running job writes to. A job that is another user than the
 * worker could put a link in the way, at any moment, to have the worker read what it may not read
 * itself: the file counts only when what was opened lies where it was looked for.
 *
 * Elsewhere than on Linux jobs are the worker's own user, and the path itself is answered.
 *
 * @returns nothing when something else lies there
 * @throws as `open`, also for what is no longer there
 */
export async function openInside(folder: string, path: string): Promise<OpenFile | undefined> {
  const full = join(folder, path)
  if (process.platform !== 'linux') return { path: full, close: () => Promise.resolve() }
  const handle = await openUnlinked(full)
  if (handle === undefined) return undefined
  const own = `/proc/self/fd/${handle.fd}`
  const close = (): Promise<void> => handle.close()
  let isWanted = false
  try {
    // A pipe would be opened again by its path, and hold whoever reads it until somebody writes.
    isWanted =
      (await handle.stat()).isFile() && (await readlink(own)) === join(await realpath(folder), path)
  } finally {
    if (!isWanted) await close()
  }
  return isWanted ? { path: own, close } : undefined
}

async function openUnlinked(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ELOOP') return undefined
    throw error
  }
}
