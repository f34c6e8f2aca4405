import { lstat, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { checkPath } from '../../lib/core/keys.ts'

/** A regular file as it stood when it was looked at. */
export interface ScannedFile {
  /** Relative to the folder, parts joined by `/`. */
  readonly path: string
  readonly bytes: number
  /** Changes whenever the content may have changed: inode, size and times. */
  readonly fingerprint: string
  readonly changedAtMs: number
}

export interface Scan {
  /** In the order of their paths. */
  readonly files: readonly ScannedFile[]
  readonly skipped: readonly { readonly path: string; readonly why: string }[]
}

/**
 * All regular files below a folder. Links are not followed (they may lead anywhere), and devices,
 * sockets and pipes are no files; both are named in `skipped`.
 */
export async function scanFolder(folder: string): Promise<Scan> {
  const files: ScannedFile[] = []
  const skipped: { path: string; why: string }[] = []
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  for (const entry of entries) {
    if (entry.isDirectory()) continue
    const full = join(entry.parentPath, entry.name)
    const path = full.slice(folder.length + 1)
    const why = whyNot(path, entry)
    if (why !== undefined) skipped.push({ path, why })
    else {
      const file = await lookAt(folder, path)
      if (file !== undefined) files.push(file)
    }
  }
  files.sort((one, other) => (one.path < other.path ? -1 : 1))
  return { files, skipped }
}

/** The file as it stands now; nothing when it is no regular file any more. */
export async function lookAt(folder: string, path: string): Promise<ScannedFile | undefined> {
  try {
    const stat = await lstat(join(folder, path), { bigint: true })
    if (!stat.isFile()) return undefined
    return {
      path,
      bytes: Number(stat.size),
      fingerprint: [stat.ino, stat.size, stat.mtimeNs, stat.ctimeNs].join(':'),
      changedAtMs: Number(stat.ctimeMs),
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

function whyNot(
  path: string,
  entry: { isFile(): boolean; isSymbolicLink(): boolean },
): string | undefined {
  if (entry.isSymbolicLink()) return 'a symbolic link'
  if (!entry.isFile()) return 'not a regular file'
  try {
    checkPath(path)
    return undefined
  } catch {
    return 'a name with characters that are not allowed'
  }
}
