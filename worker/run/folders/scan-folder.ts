import { isUtf8 } from 'node:buffer'
import { type Dirent, createReadStream } from 'node:fs'
import { lstat, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { checkPath } from '../../../lib/job/keys.ts'
import { createHash } from 'node:crypto'
import { pipeline } from 'node:stream/promises'

/** A regular file as it stood when it was looked at. */
export interface ScannedFile {
  /** Relative to the folder, parts joined by `/`. */
  readonly path: string
  readonly bytes: number
  /** Changes whenever the content may have changed: inode, size and times. */
  readonly fingerprint: string
  readonly changedAtMs: number
}

interface Skipped {
  readonly path: string
  readonly why: string
}

export interface Scan {
  /** The folder itself: a job may have removed it, or put something else in its place. */
  readonly root: 'folder' | 'absent' | 'no-folder'
  /** In the order of their paths. */
  readonly files: readonly ScannedFile[]
  readonly skipped: readonly Skipped[]
}

/**
 * All regular files below a folder. Links are not followed (they may lead anywhere), the folder
 * itself included; devices, sockets and pipes are not files, and names that are not UTF-8 cannot be
 * keys. All of them are named in `skipped`. What vanishes meanwhile was not there.
 */
export async function scanFolder(folder: string): Promise<Scan> {
  const files: ScannedFile[] = []
  const skipped: Skipped[] = []
  const root = await lookAtRoot(folder)
  if (root === 'no-folder') skipped.push({ path: '.', why: 'its folder is not a folder any more' })
  const folders = root === 'folder' ? [''] : []
  for (let prefix = folders.pop(); prefix !== undefined; prefix = folders.pop()) {
    for (const entry of await list(folder, prefix, skipped)) {
      const path = prefix + entry.name.toString()
      const why = whyNot(path, entry)
      if (why !== undefined) skipped.push({ path, why })
      else if (entry.isDirectory()) folders.push(`${path}/`)
      else {
        const file = await lookAt(folder, path)
        if (file !== undefined) files.push(file)
      }
    }
  }
  files.sort(byPath)
  skipped.sort(byPath)
  return { root, files, skipped }
}

/** The file as it stands now; nothing when it is not a regular file any more. */
export async function lookAt(folder: string, path: string): Promise<ScannedFile | undefined> {
  const stat = await unlessAbsent(lstat(join(folder, path), { bigint: true }))
  if (stat?.isFile() !== true) return undefined
  return {
    path,
    bytes: Number(stat.size),
    fingerprint: [stat.ino, stat.size, stat.mtimeNs, stat.ctimeNs].join(':'),
    changedAtMs: Number(stat.ctimeMs),
  }
}

async function lookAtRoot(folder: string): Promise<Scan['root']> {
  const stat = await unlessAbsent(lstat(folder))
  if (stat === undefined) return 'absent'
  return stat.isDirectory() ? 'folder' : 'no-folder'
}

async function list(
  folder: string,
  prefix: string,
  skipped: Skipped[],
): Promise<Dirent<NonSharedBuffer>[]> {
  const options = { withFileTypes: true, encoding: 'buffer' } as const
  try {
    return (await unlessAbsent(readdir(join(folder, prefix), options))) ?? []
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code !== 'EACCES') throw error
    skipped.push({ path: prefix === '' ? '.' : prefix, why: 'a folder that cannot be read' })
    return []
  }
}

async function unlessAbsent<T>(looking: Promise<T>): Promise<T | undefined> {
  try {
    return await looking
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
    throw error
  }
}

function whyNot(path: string, entry: Dirent<NonSharedBuffer>): string | undefined {
  if (!isUtf8(entry.name)) return 'a name that is not UTF-8'
  if (entry.isSymbolicLink()) return 'a symbolic link'
  if (entry.isDirectory()) return undefined
  if (!entry.isFile()) return 'not a regular file'
  try {
    checkPath(path)
    return undefined
  } catch {
    return 'a name with characters that are not allowed'
  }
}

function byPath(one: { readonly path: string }, other: { readonly path: string }): number {
  return one.path < other.path ? -1 : 1
}

/** SHA-256 in hexadecimal, read piece by piece. */
export async function hashFile(path: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(path, { highWaterMark: 1_048_576 }), hash)
  return hash.digest('hex')
}
