import { constants } from 'node:fs'
import {
  chmod,
  copyFile,
  link,
  mkdir,
  open,
  readdir,
  realpath,
  rename,
  rm,
  rmdir,
  stat,
  unlink,
  writeFile,
} from 'node:fs/promises'
import { dirname, join, sep } from 'node:path'
import type { Readable } from 'node:stream'
import type { ByteRange, PutFile } from '../../ports/files.ts'

/** Below the state folder: what people browse, what had no room there, and what is being written. */
const NAMED = 'files'
const DISPLACED = 'files-displaced'
const INCOMING = 'files-incoming'
const STALE_MS = 86_400_000
const MKDIR_TRIES = 5
const SUFFIX_CHARS = 8
const BLOB_MODE = 0o600

/** A name is taken, too long, or below a file. */
const NO_ROOM = new Set(['EEXIST', 'ENOTDIR', 'EISDIR', 'ENAMETOOLONG', 'EINVAL', 'EILSEQ'])
/** The file system has no hard links. */
const NO_LINKS = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK', 'EXDEV'])

export interface PlacedBlob {
  /** Its path below the state folder. */
  readonly place: string
  readonly bytes: number
}

/**
 * Files that are written once and never changed. A blob lies where its key says
 * (`files/jobs/<id>/1/artifacts/model.bin`), so that people find it. Where that name is taken, by
 * the version that it replaces, by a folder (`a` and `a/b` are both files on S3), or on some disks by
 * `A`, it gets a suffix: `model.bin~1b9d6bcd`. Where even that is impossible, because the name is too
 * long or a part of it is a file, it lies under a name of its own in `files-displaced`.
 */
export class BlobFolder {
  readonly #root: string
  readonly #newName: () => string
  readonly #nowMs: () => number
  #hasTidied = false

  /** `root` is the state folder; `newName` gives a name that no other call gives. */
  constructor(root: string, newName: () => string, nowMs: () => number) {
    this.#root = root
    this.#newName = newName
    this.#nowMs = nowMs
  }

  /** Writes a body to disk, whole and durable, and gives it its place. */
  async add(key: string, body: PutFile['body']): Promise<PlacedBlob> {
    const folder = join(this.#root, INCOMING)
    await mkdir(folder, { recursive: true })
    await this.#removeUnfinished(folder)
    const incoming = join(folder, this.#newName())
    try {
      if (isLocalFile(body)) await copyFile(body.path, incoming, constants.COPYFILE_FICLONE)
      else await writeFile(incoming, body)
      await chmod(incoming, BLOB_MODE) // a copy has the mode of its source otherwise
      const bytes = await syncFile(incoming)
      return { bytes, place: await this.#place(incoming, key) }
    } finally {
      await rm(incoming, { force: true })
    }
  }

  /** A stream that is open already, so that a later delete does not cut it; `undefined`: no such blob. */
  async open(place: string, range?: ByteRange): Promise<Readable | undefined> {
    const path = join(this.#root, place)
    try {
      await this.#checkInside(dirname(path))
      const handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW)
      return handle.createReadStream(range)
    } catch (error) {
      if (errorCode(error) === 'ENOENT') return undefined
      throw error
    }
  }

  /** Removes a blob and the folders that are empty without it. An absent one is no error. */
  async remove(place: string): Promise<void> {
    await rm(join(this.#root, place), { force: true })
    let folder = dirname(place)
    while (folder !== NAMED && folder.startsWith(NAMED + sep)) {
      try {
        await rmdir(join(this.#root, folder))
      } catch {
        return // not empty, or somebody was faster
      }
      folder = dirname(folder)
    }
  }

  async #place(incoming: string, key: string): Promise<string> {
    const named = join(NAMED, ...key.split('/'))
    if (await this.#linkTo(incoming, named)) return named
    const suffixed = `${named}~${this.#newName().slice(0, SUFFIX_CHARS)}`
    if (await this.#linkTo(incoming, suffixed)) return suffixed
    const displaced = join(DISPLACED, this.#newName())
    await this.#makeFolder(DISPLACED)
    await rename(incoming, join(this.#root, displaced))
    await syncFolder(join(this.#root, DISPLACED))
    return displaced
  }

  /** Whether the blob got this name. Never replaces what has it. */
  async #linkTo(incoming: string, named: string): Promise<boolean> {
    const target = join(this.#root, named)
    for (let tries = 1; ; tries += 1) {
      try {
        await this.#makeFolder(dirname(named))
        await link(incoming, target)
        await syncFolder(dirname(target))
        return true
      } catch (error) {
        const code = errorCode(error)
        if (NO_ROOM.has(code) || NO_LINKS.has(code)) return false
        // Another process removed the folder while it was still empty.
        if (code !== 'ENOENT' || tries >= MKDIR_TRIES) throw error
      }
    }
  }

  /** Makes a folder with its parents, durable, and inside the state folder for real. */
  async #makeFolder(folder: string): Promise<void> {
    const path = join(this.#root, folder)
    const first = await mkdir(path, { recursive: true })
    await this.#checkInside(path)
    if (first === undefined) return
    for (let made = path; made.length >= first.length; made = dirname(made)) {
      await syncFolder(dirname(made))
    }
  }

  /** @throws Error where a link leads out of the state folder */
  async #checkInside(folder: string): Promise<void> {
    const [real, root] = await Promise.all([realpath(folder), realpath(this.#root)])
    if (real === root || real.startsWith(root + sep)) return
    throw new Error(`${folder} leads out of the state folder`)
  }

  /** Once per process: removes what killed processes left behind. */
  async #removeUnfinished(folder: string): Promise<void> {
    if (this.#hasTidied) return
    this.#hasTidied = true
    for (const name of await readdir(folder)) {
      const path = join(folder, name)
      const found = await stat(path).catch(() => undefined)
      const isStale = found !== undefined && this.#nowMs() - found.mtimeMs > STALE_MS
      if (isStale) await unlink(path).catch(() => undefined)
    }
  }
}

export function isLocalFile(body: PutFile['body']): body is { readonly path: string } {
  return typeof body !== 'string' && !(body instanceof Uint8Array)
}

export function errorCode(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : ''
}

/** Answers the size. */
async function syncFile(path: string): Promise<number> {
  const handle = await open(path, 'r')
  try {
    await handle.sync()
    return (await handle.stat()).size
  } finally {
    await handle.close()
  }
}

async function syncFolder(path: string): Promise<void> {
  const handle = await open(path, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
