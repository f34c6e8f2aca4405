import type { Files } from '../../lib/ports/files.ts'
import { hashFile, lookAt, type ScannedFile } from '../run/folders/scan-folder.ts'
import { openInside } from '../run/folders/open-inside.ts'

export interface StableCopy {
  readonly scanned: ScannedFile
  readonly sha256: string
}

/** A change within the file system's tick (about 10 ms) may leave all times as they are. */
const TICK_MS = 50

/**
 * Stores one file of a folder that is being written to, such that the stored bytes are those of the
 * checksum: the file is looked at before the checksum and again after the upload, and counts only
 * when nothing has changed in between.
 *
 * @returns nothing when it changed or vanished meanwhile
 */
export async function uploadStableFile(
  files: Files,
  { folder, path, key }: { folder: string; path: string; key: string },
  nowMs: () => number,
): Promise<StableCopy | undefined> {
  const startedMs = nowMs()
  const before = await lookAt(folder, path)
  if (before === undefined) return undefined
  try {
    const file = await openInside(folder, path)
    if (file === undefined) return undefined
    try {
      const sha256 = await hashFile(file.path)
      await files.put({ key, body: { path: file.path } })
      const after = await lookAt(folder, path)
      const isFresh = startedMs - before.changedAtMs < TICK_MS
      const same = after?.fingerprint === before.fingerprint
      // Written a moment ago: only the content itself can tell that nothing was written after.
      const isStable = same && (!isFresh || (await hashFile(file.path)) === sha256)
      return isStable ? { scanned: before, sha256 } : undefined
    } finally {
      await file.close()
    }
  } catch (error) {
    // A file that vanished or shrank on the way fails the upload; that is no fault of the store.
    const now = await lookAt(folder, path)
    if (now?.fingerprint !== before.fingerprint) return undefined
    throw error
  }
}
