import { constants } from 'node:fs'
import { access, stat } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { checkRange } from '../../parsing/checks.ts'
import { checkFileKey } from '../../job/keys.ts'
import type { Clock } from '../../ports/clock.ts'
import type { ByteRange, FileInfo, FilePage, Files, PutFile } from '../../ports/files.ts'
import { PortUnavailable } from '../../ports/port-unavailable.ts'
import { type BlobFolder, errorCode, isLocalFile, type PlacedBlob } from './blob-folder.ts'
import type { Database } from '../sqlite/database.ts'
import { type FileLinks, makeFileLink } from './file-links.ts'

const MAX_PAGE = 1_000
const MAX_LINK_SECONDS = 604_800
const OPEN_TRIES = 5

export interface FolderFilesOptions {
  readonly database: Database
  readonly blobs: BlobFolder
  readonly clock: Pick<Clock, 'now'>
  /** Absent: no links are given. */
  readonly links?: FileLinks
}

interface FileColumns {
  readonly key: string
  readonly place: string
  readonly bytes: number
  readonly modified_at: number
  readonly content_type: string | null
}

const COLUMNS = 'key, place, bytes, modified_at, content_type'

/**
 * The file store in a folder. The bytes lie in files that never change; a row in the database says
 * which of them a key stands for, so that a put, an overwrite and a delete each happen in one
 * commit. A process killed between the two leaves at most a file that no key stands for.
 */
export class FolderFiles implements Files {
  readonly #database: Database
  readonly #blobs: BlobFolder
  readonly #clock: Pick<Clock, 'now'>
  readonly #links: FileLinks | undefined

  constructor({ database, blobs, clock, links }: FolderFilesOptions) {
    this.#database = database
    this.#blobs = blobs
    this.#clock = clock
    this.#links = links
  }

  async put(file: PutFile): Promise<'stored' | 'exists'> {
    const { key, body, ifAbsent = false } = file
    checkFileKey(key)
    if (ifAbsent && (await this.#find(key, 'put')) !== undefined) return 'exists'
    if (isLocalFile(body)) await checkLocalFile(body.path)
    const blob = await reach('put', () => this.#blobs.add(key, body))
    const unused = await this.#point(file, blob).catch(async (error: unknown) => {
      await this.#removeUnlessUsed(key, blob.place)
      throw error
    })
    if (unused !== undefined) await reach('put', () => this.#blobs.remove(unused))
    return unused === blob.place ? 'exists' : 'stored'
  }

  async read(key: string, maxBytes: number): Promise<Buffer | undefined> {
    const found = await this.stream(key)
    if (found === undefined) return undefined
    const { info, body } = found
    if (info.bytes > maxBytes) {
      body.destroy()
      throw new RangeError(`${key} has ${info.bytes} bytes; at most ${maxBytes} were asked for`)
    }
    return reach('read', () => buffer(body))
  }

  async stream(
    key: string,
    range?: ByteRange,
  ): Promise<{ info: FileInfo; body: Readable } | undefined> {
    for (let tries = 1; tries <= OPEN_TRIES; tries += 1) {
      const columns = await this.#find(key, 'stream')
      if (columns === undefined) return undefined
      const body = await reach('stream', () => this.#blobs.open(columns.place, range))
      if (body !== undefined) return { info: toInfo(columns), body }
      // Overwritten or deleted since the row was read: the row says which.
    }
    return undefined
  }

  async info(key: string): Promise<FileInfo | undefined> {
    const columns = await this.#find(key, 'info')
    return columns && toInfo(columns)
  }

  async list(prefix: string, page: FilePage): Promise<{ files: FileInfo[]; next?: string }> {
    const { limit, after = '' } = page
    checkRange('limit', limit, { min: 1, max: MAX_PAGE })
    // Keys with the prefix stand together, from the prefix itself on.
    const statement = `SELECT ${COLUMNS} FROM files
      WHERE key >= max(?1, ?2) AND key <> ?2 ORDER BY key LIMIT ?3`
    const found = await this.#database.read(call('list'), () =>
      this.#database.statement(statement).all(prefix, after, limit + 1),
    )
    const columns = found as unknown as FileColumns[]
    const matching = columns.filter(({ key }) => key.startsWith(prefix))
    const files = matching.slice(0, limit).map(toInfo)
    const last = files.at(-1)
    return matching.length <= limit || last === undefined ? { files } : { files, next: last.key }
  }

  async delete(keys: readonly string[]): Promise<void> {
    const statement = 'DELETE FROM files WHERE key = ? RETURNING place'
    const places = await this.#database.write(call('delete'), () =>
      keys.flatMap((key) => this.#database.statement(statement).all(key)),
    )
    for (const { place } of places) await reach('delete', () => this.#blobs.remove(String(place)))
  }

  async downloadLink(key: string, seconds: number): Promise<string> {
    return this.#makeLink({ key, method: 'GET' }, seconds)
  }

  async uploadLink(key: string, seconds: number, maxBytes: number): Promise<string> {
    checkRange('maxBytes', maxBytes, { min: 0, max: Number.MAX_SAFE_INTEGER })
    return this.#makeLink({ key, method: 'PUT', maxBytes }, seconds)
  }

  /** The database stays open for the other ports; whoever opened it closes it. */
  async close(): Promise<void> {}

  #makeLink(
    what: { key: string; method: 'GET' | 'PUT'; maxBytes?: number },
    seconds: number,
  ): string {
    if (this.#links === undefined) throw new Error('this file store was opened without `links`')
    checkFileKey(what.key)
    checkRange('seconds', seconds, { min: 1, max: MAX_LINK_SECONDS })
    return makeFileLink(this.#links, { ...what, expiresAtMs: this.#clock.now() + seconds * 1_000 })
  }

  #find(key: string, action: string): Promise<FileColumns | undefined> {
    const statement = `SELECT ${COLUMNS} FROM files WHERE key = ?`
    return this.#database.read(call(action), () => {
      return this.#database.statement(statement).get(key) as unknown as FileColumns | undefined
    })
  }

  /** Points the key at this blob. Returns the blob that no key points at any more, if any. */
  #point(file: PutFile, blob: PlacedBlob): Promise<string | undefined> {
    const { key, contentType = null, ifAbsent = false } = file
    const statement = `INSERT OR REPLACE INTO files (${COLUMNS}) VALUES (?, ?, ?, ?, ?)`
    const find = 'SELECT place FROM files WHERE key = ?'
    return this.#database.write(call('put'), () => {
      const before = this.#database.statement(find).get(key)?.['place']
      if (before !== undefined && ifAbsent) return blob.place
      this.#database
        .statement(statement)
        .run(key, blob.place, blob.bytes, this.#clock.now(), contentType)
      return typeof before === 'string' ? before : undefined
    })
  }

  /** After a commit that failed: the row, where it can be read, says whether the blob is in use. */
  async #removeUnlessUsed(key: string, place: string): Promise<void> {
    try {
      const standing = await this.#find(key, 'put')
      if (standing?.place !== place) await this.#blobs.remove(place)
    } catch {
      return // the blob stays: one too many does less harm than one too few
    }
  }
}

function call(action: string): { port: 'files'; action: string } {
  return { port: 'files', action }
}

function toInfo({ key, bytes, modified_at, content_type }: FileColumns): FileInfo {
  return {
    key,
    bytes,
    modifiedAtMs: modified_at,
    ...(content_type !== null && { contentType: content_type }),
  }
}

/** Faults of the folder are `PortUnavailable`; a local file that has gone stays the caller's error. */
async function reach<T>(action: string, attempt: () => Promise<T>): Promise<T> {
  try {
    return await attempt()
  } catch (error) {
    if (errorCode(error) === 'ENOENT' || errorCode(error) === '') throw error
    throw new PortUnavailable('files', action, error)
  }
}

/**
 * Checks a local file before the store takes part: a file that a job made unreadable is not a fault
 * of the store, and trying again does not help.
 *
 * @throws Error when it is absent, unreadable, or not a plain file (a pipe would never end)
 */
async function checkLocalFile(path: string): Promise<void> {
  const found = await stat(path)
  if (!found.isFile()) throw new Error(`${path} is not a plain file`)
  await access(path, constants.R_OK)
}
