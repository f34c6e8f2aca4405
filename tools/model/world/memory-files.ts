import { readFileSync } from 'node:fs'
import { Readable } from 'node:stream'
import type { ByteRange, FileInfo, FilePage, Files, PutFile } from '../../../lib/ports/files.ts'
import type { Gate } from './gate.ts'

export interface KeptFile {
  readonly info: FileInfo
  readonly body: Buffer
}

/** Files in memory. */
export class FileState {
  readonly files = new Map<string, KeptFile>()
  /** Told of each put that stores something. */
  onPut: (before: KeptFile | undefined, after: KeptFile) => void = () => undefined
}

/** A file store over files in memory; it has no links. */
export class MemoryFiles implements Files {
  readonly #state: FileState
  readonly #gate: Gate
  readonly #now: () => number

  constructor(state: FileState, gate: Gate, now: () => number) {
    this.#state = state
    this.#gate = gate
    this.#now = now
  }

  async put({ key, body, contentType, ifAbsent = false }: PutFile): Promise<'stored' | 'exists'> {
    const bytes = toBuffer(body)
    return this.#call('put', key, () => {
      const before = this.#state.files.get(key)
      if (ifAbsent && before !== undefined) return 'exists'
      const modifiedAtMs = this.#now()
      const about = { key, bytes: bytes.length, modifiedAtMs }
      const info = { ...about, ...(contentType !== undefined && { contentType }) }
      const after = { info, body: bytes }
      this.#state.files.set(key, after)
      this.#state.onPut(before, after)
      return 'stored'
    })
  }

  read(key: string, maxBytes: number): Promise<Buffer | undefined> {
    return this.#call('read', key, () => {
      const body = this.#state.files.get(key)?.body
      if (body !== undefined && body.length > maxBytes) throw new RangeError('too large to read')
      return body
    })
  }

  stream(key: string, range?: ByteRange): ReturnType<Files['stream']> {
    return this.#call('stream', key, () => {
      const file = this.#state.files.get(key)
      if (file === undefined) return undefined
      const { start = 0, end } = range ?? {}
      const part = file.body.subarray(start, end === undefined ? undefined : end + 1)
      return { info: file.info, body: Readable.from(part.length === 0 ? [] : [part]) }
    })
  }

  info(key: string): Promise<FileInfo | undefined> {
    return this.#call('info', key, () => this.#state.files.get(key)?.info)
  }

  list(prefix: string, { limit, after }: FilePage): ReturnType<Files['list']> {
    return this.#call('list', prefix, () => {
      const keys = [...this.#state.files.keys()]
        .filter((key) => key.startsWith(prefix))
        .sort((one, other) => Buffer.compare(Buffer.from(one), Buffer.from(other)))
      const start = after === undefined ? 0 : 1 + keys.indexOf(after)
      const page = keys.slice(start, start + limit)
      const files = page.flatMap((key) => this.#state.files.get(key)?.info ?? [])
      const last = page.at(-1)
      const hasMore = start + limit < keys.length && last !== undefined
      return { files, ...(hasMore && { next: last }) }
    })
  }

  delete(keys: readonly string[]): Promise<void> {
    return this.#call('delete', `${keys.length} files`, () => {
      for (const key of keys) this.#state.files.delete(key)
    })
  }

  downloadLink(): Promise<string> {
    return Promise.reject(new Error('files in memory have no links'))
  }

  uploadLink(): Promise<string> {
    return Promise.reject(new Error('files in memory have no links'))
  }

  close(): Promise<void> {
    return Promise.resolve()
  }

  #call<T>(action: string, target: string, effect: () => T): Promise<T> {
    return this.#gate.call({ port: 'files', action, target }, effect)
  }
}

/** As it stands now: a local file may be gone when the call is carried out. */
function toBuffer(body: PutFile['body']): Buffer {
  if (typeof body === 'string') return Buffer.from(body)
  return body instanceof Uint8Array ? Buffer.from(body) : readFileSync(body.path)
}
