import { createHash, randomUUID } from 'node:crypto'
import { mkdir, open, rename, rm } from 'node:fs/promises'
import { dirname, join, resolve, sep } from 'node:path'
import { checkPath } from '../core/keys.ts'
import type { ArtifactFile } from './api-answers.ts'
import { ApiError } from './api-error.ts'
import { type Connection, toLink } from './call-api.ts'

interface Download {
  /** Link that needs no token. */
  readonly url: URL
  /** Relative path of the file; it never leaves `folder`. */
  readonly path: string
  readonly folder: string
  readonly bytes: number
  /** Hexadecimal; absent: only the size is checked. */
  readonly sha256?: string | undefined
}

interface DownloadTools {
  readonly fetch: typeof fetch
  /** Longest silence of the sender. */
  readonly silenceMs: number
  readonly signal?: AbortSignal | undefined
}

const SILENCE_MS = 30_000

/**
 * Downloads one artifact: streamed beside its place, checked against size and checksum, then
 * renamed, so that a half or damaged file is never found under its name. A file that is there is
 * replaced.
 *
 * @returns where it is
 * @throws ApiError `unreachable`, `timed-out`, `bad-download`
 * @throws ServiceError `invalid-path` for a path that would leave the folder
 */
export function downloadArtifact(
  { baseUrl, fetch: get = fetch }: Connection,
  {
    file,
    folder,
    signal,
  }: { file: ArtifactFile; folder: string; signal?: AbortSignal | undefined },
): Promise<string> {
  const { path, bytes, sha256 } = file
  const url = toLink(baseUrl, file.url)
  return downloadFile(
    { url, path, folder, bytes, sha256 },
    { fetch: get, silenceMs: SILENCE_MS, signal },
  )
}

async function downloadFile(download: Download, tools: DownloadTools): Promise<string> {
  const target = targetPath(download)
  await mkdir(dirname(target), { recursive: true })
  const partial = join(dirname(target), `.${randomUUID()}.part`)
  try {
    await receive(download, partial, tools)
    await rename(partial, target)
    return target
  } finally {
    await rm(partial, { force: true })
  }
}

function targetPath({ folder, path }: Download): string {
  const root = resolve(folder)
  const target = resolve(root, checkPath(path))
  if (target.startsWith(root.endsWith(sep) ? root : root + sep)) return target
  throw new ApiError('bad-download', `${path} would be written outside of ${root}`)
}

async function receive(
  { url, path, bytes, sha256 }: Download,
  partial: string,
  tools: DownloadTools,
): Promise<void> {
  const hash = createHash('sha256')
  let received = 0
  const file = await open(partial, 'wx')
  try {
    for await (const chunk of streamBody(url, tools)) {
      hash.update(chunk)
      received += chunk.byteLength
      await file.writeFile(chunk)
    }
    await file.sync()
  } finally {
    await file.close()
  }
  if (received !== bytes) {
    throw new ApiError('bad-download', `${path} came with ${received} bytes instead of ${bytes}`)
  }
  const digest = hash.digest('hex')
  if (sha256 !== undefined && digest !== sha256) {
    throw new ApiError('bad-download', `${path} came with checksum ${digest} instead of ${sha256}`)
  }
}

/** The body piece by piece; every piece must come within the longest silence. */
async function* streamBody(
  url: URL,
  { fetch: get, silenceMs, signal }: DownloadTools,
): AsyncGenerator<Uint8Array> {
  const silence = new AbortController()
  const arm = () => setTimeout(() => silence.abort(), silenceMs)
  let timer = arm()
  try {
    const stop = signal === undefined ? silence.signal : AbortSignal.any([signal, silence.signal])
    // No token: the link itself is the permission, and S3 refuses a request that brings both.
    const response = await get(url, { signal: stop })
    if (!response.ok || response.body === null) {
      throw new ApiError('bad-download', `the link of the file answered HTTP ${response.status}`)
    }
    for await (const chunk of response.body) {
      clearTimeout(timer)
      yield chunk
      timer = arm()
    }
  } catch (error) {
    if (error instanceof ApiError) throw error
    signal?.throwIfAborted()
    const code = silence.signal.aborted ? 'timed-out' : 'unreachable'
    const what = silence.signal.aborted ? `sent nothing for ${silenceMs} ms` : 'broke off'
    throw new ApiError(code, `the download from ${url.origin} ${what}`, { cause: error })
  } finally {
    clearTimeout(timer)
  }
}
