import { createWriteStream } from 'node:fs'
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { ServiceError } from '../core/errors.ts'
import type { Files } from '../ports/files.ts'

export interface Upload {
  readonly key: string
  readonly maxBytes: number
  /** A folder for what is not complete yet. */
  readonly folder: string
  /** A name in it that no other upload has. */
  readonly name: string
}

/**
 * Stores the body of a PUT, once it has come in whole.
 *
 * @throws ServiceError `payload-too-large` once the body is larger than `maxBytes`
 */
export async function receiveUpload(files: Files, request: Request, upload: Upload): Promise<void> {
  const { key, maxBytes, folder, name } = upload
  checkBytes(Number(request.headers.get('content-length') ?? 0), maxBytes)
  await mkdir(folder, { recursive: true })
  const path = join(folder, name)
  try {
    const target = createWriteStream(path, { flags: 'wx' })
    await pipeline(
      toReadable(request),
      (chunks: AsyncIterable<Buffer>) => bound(chunks, maxBytes),
      target,
    )
    const contentType = request.headers.get('content-type')
    await files.put({ key, body: { path }, ...(contentType !== null && { contentType }) })
  } finally {
    await rm(path, { force: true })
  }
}

function toReadable({ body }: Request): Readable {
  return body === null ? Readable.from([]) : Readable.fromWeb(body)
}

async function* bound(chunks: AsyncIterable<Buffer>, maxBytes: number): AsyncGenerator<Buffer> {
  let bytes = 0
  for await (const chunk of chunks) {
    bytes += chunk.byteLength
    checkBytes(bytes, maxBytes)
    yield chunk
  }
}

function checkBytes(bytes: number, maxBytes: number): void {
  if (bytes <= maxBytes) return
  const problem = `this upload link takes at most ${maxBytes} bytes`
  throw new ServiceError('payload-too-large', problem, {
    details: [
      {
        path: 'body',
        problem: 'is too large',
        got: `${bytes} bytes or more`,
        allowed: `${maxBytes} bytes`,
      },
    ],
  })
}
