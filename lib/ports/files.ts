/**
 * The file store: inputs, logs, artifacts, checkpoints, results. Keys are relative paths
 * (`jobs/<id>/<attempt>/…`), checked by `lib/job/keys.ts`.
 *
 * Promises, the same over S3 and a folder:
 * - A file is there whole or not at all (nobody reads half a put), and stays once put.
 * - `list` shows a file as soon as its put has answered, in the order of the keys as text.
 * - An absent file is `undefined`; a store out of reach is `PortUnavailable`, also for whoever reads
 *   a body that breaks off.
 */
import type { Readable } from 'node:stream'

export interface FileInfo {
  readonly key: string
  readonly bytes: number
  readonly modifiedAtMs: number
  readonly contentType?: string
}

export interface PutFile {
  readonly key: string
  /** Bytes or text as they stand, or the path of a local file (streamed, any size). */
  readonly body: Uint8Array | string | { readonly path: string }
  readonly contentType?: string
  /** Refuse when the key exists already. */
  readonly ifAbsent?: boolean
}

export interface ByteRange {
  readonly start: number
  /** Inclusive; absent: to the end. */
  readonly end?: number
}

export interface FilePage {
  readonly limit: number
  readonly after?: string
}

export interface Files {
  /** `exists` only with `ifAbsent`. */
  put(file: PutFile): Promise<'stored' | 'exists'>
  /** Small files whole; `maxBytes` guards the memory (larger: an exception). */
  read(key: string, maxBytes: number): Promise<Buffer | undefined>
  stream(key: string, range?: ByteRange): Promise<{ info: FileInfo; body: Readable } | undefined>
  info(key: string): Promise<FileInfo | undefined>
  list(prefix: string, page: FilePage): Promise<{ files: FileInfo[]; next?: string }>
  delete(keys: readonly string[]): Promise<void>
  /** A URL that downloads the file without a token, for `seconds` (at most 7 days). */
  downloadLink(key: string, seconds: number): Promise<string>
  /** A URL that takes one PUT of the file without a token. */
  uploadLink(key: string, seconds: number, maxBytes: number): Promise<string>
  close(): Promise<void>
}
