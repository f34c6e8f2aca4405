import { createWriteStream } from 'node:fs'
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { ServiceError } from '../../registry/errors.ts'
import { whyUnusable } from '../../registry/system-faults.ts'
import type { Files } from '../../ports/files.ts'
import { PortUnavailable } from '../../ports/port-unavailable.ts'

export interface Upload {
  readonly key: string
  readonly maxBytes: number
  /** A folder for what is not complete yet. */
  readonly folder: string
  /** A name in it that no other upload has. */
  readonly name: string
}

/**
 * Stores the body of a PUT, once it has come in whole. The first file stays: a job that was accepted
 * must not find another input than the one it was submitted with.
 *
 * @throws ServiceError `payload-too-large` once the body is larger than `maxBytes`,
 *   `already-uploaded` when there is a file
 * @throws PortUnavailable when the disk is full or at fault
 */
export async function receiveUpload(files: Files, request: Request, upload: Upload): Promise<void> {
  const { key, maxBytes, folder, name } = upload
  checkBytes(Number(request.headers.get('content-length') ?? 0), maxBytes)
  // Asked before the body is taken in, which may be long, and decided by the put.
  if ((await files.info(key)) !== undefined) throw alreadyUploaded(key)
  const path = join(folder, name)
  try {
    await writeBody(request, { path, folder, maxBytes })
    const contentType = request.headers.get('content-type')
    const type = contentType === null ? {} : { contentType }
    const outcome = await files.put({ key, body: { path }, ifAbsent: true, ...type })
    if (outcome === 'exists') throw alreadyUploaded(key)
  } finally {
    await rm(path, { force: true })
  }
}

async function writeBody(
  request: Request,
  { path, folder, maxBytes }: { path: string; folder: string; maxBytes: number },
): Promise<void> {
  try {
    await mkdir(folder, { recursive: true })
    await pipeline(
      toReadable(request),
      (chunks: AsyncIterable<Buffer>) => bound(chunks, maxBytes),
      createWriteStream(path, { flags: 'wx' }),
    )
  } catch (error) {
    throw whyUnusable(error) === undefined ? error : new PortUnavailable('files', 'put', error)
  }
}

function alreadyUploaded(key: string): ServiceError {
  return new ServiceError('already-uploaded', 'this upload link was used before', {
    details: [
      {
        path: 'link',
        problem: `${key} is there already, and files are never changed`,
        allowed: 'one PUT per link of POST /uploads',
      },
    ],
  })
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
