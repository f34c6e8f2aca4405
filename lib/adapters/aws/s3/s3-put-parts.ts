import type { FileHandle } from 'node:fs/promises'
import {
  AbortMultipartUploadCommand,
  type CompletedPart,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  type S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3'
import { mapAtOnce } from '../../../pace/map-at-once.ts'

/** A file up to this size is one put; a larger one is sent in parts of this size. */
export const PART_BYTES = 8 * 1024 * 1024

/** S3: parts of one upload. */
const MAX_PARTS = 10_000

/** Parts under way at a time, which bounds the memory: 24 MiB for files up to 80 GB. */
const PARALLEL_PARTS = 3

export interface PutContext {
  readonly client: S3Client
  readonly bucket: string
  /** Runs one call to S3 in its bound: a large file takes many. */
  readonly bounded: <T>(run: (signal: AbortSignal) => Promise<T>) => Promise<T>
  /** Never the same text twice: tells an object that this very put wrote. */
  readonly newToken: () => string
}

/** What every way of putting a file sends along. */
export interface PutParams {
  readonly Bucket: string
  readonly Key: string
  readonly ContentType?: string
  readonly Metadata: Record<string, string>
}

/** Sent with the call that makes the file visible: the put itself, or the end of a multipart one. */
export interface PutCondition {
  readonly IfNoneMatch?: '*'
}

export interface LargePut {
  readonly params: PutParams
  readonly condition: PutCondition
  readonly source: FileHandle
  readonly bytes: number
}

/**
 * Sends a file in parts, each in a bound of its own, so that a file of any size may take as long as
 * it needs while nothing may hang. The first part that fails ends the upload, and its parts are
 * removed; where even that fails, the bucket's lifecycle removes them. (`Upload` of lib-storage
 * would send all other parts before it reports the failure, and bounds none of its calls.)
 */
export async function putParts(context: PutContext, put: LargePut): Promise<void> {
  const { client, bounded } = context
  const { Bucket, Key } = put.params
  const create = new CreateMultipartUploadCommand({ ...put.params, ChecksumAlgorithm: 'CRC32' })
  const { UploadId } = await bounded((signal) => client.send(create, { abortSignal: signal }))
  const upload = { Bucket, Key, UploadId }
  try {
    const parts = await sendParts(context, put, UploadId)
    const complete = new CompleteMultipartUploadCommand({
      ...upload,
      ...put.condition,
      MultipartUpload: { Parts: parts },
    })
    await bounded((signal) => client.send(complete, { abortSignal: signal }))
  } catch (error) {
    const abort = new AbortMultipartUploadCommand(upload)
    await bounded((signal) => client.send(abort, { abortSignal: signal })).catch(() => undefined)
    throw error
  }
}

/** Larger parts for a file that would have too many. */
export function partBytesOf(fileBytes: number): number {
  return Math.max(PART_BYTES, Math.ceil(fileBytes / MAX_PARTS))
}

function sendParts(
  { client, bounded }: PutContext,
  { params: { Bucket, Key }, source, bytes }: LargePut,
  UploadId: string | undefined,
): Promise<CompletedPart[]> {
  const partBytes = partBytesOf(bytes)
  const starts = Array.from({ length: Math.ceil(bytes / partBytes) }, (_, at) => at * partBytes)
  return mapAtOnce(starts, PARALLEL_PARTS, async (start) => {
    const Body = await readPart(source, { start, bytes: Math.min(partBytes, bytes - start) })
    const PartNumber = start / partBytes + 1
    const command = new UploadPartCommand({ Bucket, Key, UploadId, PartNumber, Body })
    const answer = await bounded((signal) => client.send(command, { abortSignal: signal }))
    const { ETag, ChecksumCRC32 } = answer
    return { PartNumber, ETag, ChecksumCRC32 }
  })
}

/** @throws Error when the file became shorter meanwhile */
export async function readPart(
  source: FileHandle,
  { start, bytes }: { readonly start: number; readonly bytes: number },
): Promise<Buffer> {
  const part = Buffer.allocUnsafe(bytes)
  let filled = 0
  while (filled < bytes) {
    const { bytesRead } = await source.read(part, filled, bytes - filled, start + filled)
    if (bytesRead === 0) throw new Error('the file became shorter while it was being stored')
    filled += bytesRead
  }
  return part
}
