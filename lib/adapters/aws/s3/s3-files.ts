import { basename } from 'node:path'
import { Readable } from 'node:stream'
import {
  DeleteObjectsCommand,
  GetObjectCommand,
  type GetObjectCommandOutput,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3'
import { getSignedUrl } from '@aws-sdk/s3-request-presigner'
import { checkRange } from '../../../parsing/checks.ts'
import { checkFileKey } from '../../../job/keys.ts'
import type { ByteRange, FileInfo, FilePage, Files, PutFile } from '../../../ports/files.ts'
import type { StoreSettings } from '../aws-settings.ts'
import { bounded, pauses } from '../bounded.ts'
import { clientSettings, limitsOf } from '../client-settings.ts'
import {
  dropBody,
  isAbsent,
  isPutAnswer,
  isReadAnswer,
  isUnsatisfiable,
  readBody,
  toInfo,
} from './s3-answers.ts'
import { putFile } from './s3-put.ts'

const MAX_PAGE = 1000
const MAX_KEYS_PER_DELETE = 1000
const MAX_DELETE_ROUNDS = 5
const MAX_LINK_SECONDS = 604_800

/** A download that stands still this long, whichever side waits, is cut. */
const IDLE_MS = 60_000

export interface S3FilesOptions {
  readonly settings: StoreSettings
  /** Never the same text twice. */
  readonly newToken: () => string
}

/** The file store over one S3 bucket. Needs `s3:ListBucket`: without it S3 answers 403 for "absent". */
export class S3Files implements Files {
  readonly #client: S3Client
  readonly #signer: S3Client
  readonly #bucket: string
  readonly #callMs: number
  readonly #newToken: () => string

  constructor({ settings, newToken }: S3FilesOptions) {
    const client = clientSettings(settings, 'files')
    const requestHandler = { ...client.requestHandler, socketTimeout: IDLE_MS }
    this.#client = new S3Client({ ...client, requestHandler })
    // A checksum in a link would be that of an empty file, and S3 would refuse every upload.
    this.#signer = new S3Client({ ...client, requestChecksumCalculation: 'WHEN_REQUIRED' })
    this.#bucket = settings.bucketName
    this.#callMs = limitsOf(settings, 'files').callMs
    this.#newToken = newToken
  }

  async put(file: PutFile): Promise<'stored' | 'exists'> {
    const context = {
      client: this.#client,
      bucket: this.#bucket,
      newToken: this.#newToken,
      bounded: <T>(run: (signal: AbortSignal) => Promise<T>) => this.#bounded('put', run),
    }
    checkFileKey(file.key)
    return putFile(context, file)
  }

  async read(key: string, maxBytes: number): Promise<Buffer | undefined> {
    return this.#unlessAbsent('read', async (signal) => {
      const { Body, ContentLength = 0 } = await this.#get(key, signal)
      if (ContentLength <= maxBytes) {
        return Buffer.from((await Body?.transformToByteArray()) ?? [])
      }
      dropBody(Body)
      throw new RangeError(`${key} has ${ContentLength} bytes; at most ${maxBytes} were asked for`)
    })
  }

  async stream(
    key: string,
    range?: ByteRange,
  ): Promise<{ info: FileInfo; body: Readable } | undefined> {
    try {
      return await this.#unlessAbsent('stream', async (signal) => {
        const answer = await this.#get(key, signal, range)
        const body = readBody(answer.Body)
        return { info: toInfo(key, answer), body }
      })
    } catch (error) {
      if (!isUnsatisfiable(error)) throw error
      const info = await this.info(key)
      return info && { info, body: Readable.from([]) }
    }
  }

  info(key: string): Promise<FileInfo | undefined> {
    return this.#unlessAbsent('info', async (signal) => {
      const command = new HeadObjectCommand({ Bucket: this.#bucket, Key: key })
      return toInfo(key, await this.#client.send(command, { abortSignal: signal }))
    })
  }

  async list(prefix: string, page: FilePage): Promise<{ files: FileInfo[]; next?: string }> {
    checkRange('limit', page.limit, { min: 1, max: MAX_PAGE })
    const command = new ListObjectsV2Command({
      Bucket: this.#bucket,
      Prefix: prefix,
      MaxKeys: page.limit,
      ...(page.after !== undefined && { StartAfter: page.after }),
    })
    const answer = await this.#bounded('list', (signal) =>
      this.#client.send(command, { abortSignal: signal }),
    )
    const files = (answer.Contents ?? []).map(({ Key = '', Size, LastModified }) =>
      toInfo(Key, { ContentLength: Size, LastModified }),
    )
    const last = files.at(-1)
    if (answer.IsTruncated !== true || last === undefined) return { files }
    return { files, next: last.key }
  }

  async delete(keys: readonly string[]): Promise<void> {
    for (let from = 0; from < keys.length; from += MAX_KEYS_PER_DELETE) {
      const batch = keys.slice(from, from + MAX_KEYS_PER_DELETE)
      await this.#bounded('delete', (signal) => this.#deleteBatch(batch, signal))
    }
  }

  /** Lives no longer than the credentials that sign it (those of a role: hours). */
  async downloadLink(key: string, seconds: number): Promise<string> {
    checkFileKey(key)
    checkRange('seconds', seconds, { min: 1, max: MAX_LINK_SECONDS })
    const command = new GetObjectCommand({
      Bucket: this.#bucket,
      Key: key,
      ResponseContentDisposition: toAttachment(basename(key)),
    })
    return this.#bounded('link', () => getSignedUrl(this.#signer, command, { expiresIn: seconds }))
  }

  /**
   * Lives no longer than the credentials that sign it. A signed PUT of S3 binds an exact length or
   * none, so S3 cannot hold an uploader to `maxBytes` (5 GB is its own limit): whoever takes the file
   * as an input checks its `info` against the same number.
   */
  async uploadLink(key: string, seconds: number, maxBytes: number): Promise<string> {
    checkFileKey(key)
    checkRange('seconds', seconds, { min: 1, max: MAX_LINK_SECONDS })
    checkRange('maxBytes', maxBytes, { min: 0, max: Number.MAX_SAFE_INTEGER })
    const command = new PutObjectCommand({ Bucket: this.#bucket, Key: key })
    return this.#bounded('link', () => getSignedUrl(this.#signer, command, { expiresIn: seconds }))
  }

  async close(): Promise<void> {
    this.#client.destroy()
    this.#signer.destroy()
  }

  #get(key: string, signal: AbortSignal, range?: ByteRange): Promise<GetObjectCommandOutput> {
    const command = new GetObjectCommand({
      Bucket: this.#bucket,
      Key: key,
      ...(range !== undefined && { Range: `bytes=${range.start}-${range.end ?? ''}` }),
    })
    return this.#client.send(command, { abortSignal: signal })
  }

  /** Repeats for the keys that S3 could not delete; it answers 200 even when all failed. */
  async #deleteBatch(keys: readonly string[], signal: AbortSignal): Promise<void> {
    const pause = pauses(signal)
    let open = keys
    for (let round = 1; ; round += 1) {
      const Delete = { Objects: open.map((Key) => ({ Key })), Quiet: true }
      const command = new DeleteObjectsCommand({ Bucket: this.#bucket, Delete })
      const { Errors = [] } = await this.#client.send(command, { abortSignal: signal })
      const [first] = Errors
      if (first === undefined) return
      if (round >= MAX_DELETE_ROUNDS) throw new Error(`${first.Code}: ${first.Message}`)
      open = Errors.flatMap(({ Key }) => Key ?? [])
      await pause()
    }
  }

  async #unlessAbsent<T>(
    action: string,
    run: (signal: AbortSignal) => Promise<T>,
  ): Promise<T | undefined> {
    try {
      return await this.#bounded(action, run)
    } catch (error) {
      if (isAbsent(error)) return undefined
      throw error
    }
  }

  #bounded<T>(action: string, run: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const expects = action === 'put' ? isPutAnswer : isReadAnswer
    return bounded({ port: 'files', action, callMs: this.#callMs, expects }, run)
  }
}

/** A file name as RFC 6266 and RFC 8187 want it, whatever letters it has. */
function toAttachment(name: string): string {
  const escaped = encodeURIComponent(name).replace(
    /['()*]/g,
    (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`,
  )
  return `attachment; filename*=UTF-8''${escaped}`
}
