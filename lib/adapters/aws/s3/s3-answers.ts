import { Readable } from 'node:stream'
import type { GetObjectCommandOutput } from '@aws-sdk/client-s3'
import type { FileInfo } from '../../../ports/files.ts'
import { PortUnavailable } from '../../../ports/port-unavailable.ts'
import { httpStatusOf, nameOf } from '../bounded.ts'

/** `NoSuchKey` of a read, `NotFound` of a HEAD, which has no body to name its error. */
export function isAbsent(error: unknown): boolean {
  return nameOf(error) === 'NoSuchKey' || nameOf(error) === 'NotFound'
}

/** The answer to `If-None-Match: *` where the key exists. */
export function isTaken(error: unknown): boolean {
  return httpStatusOf(error) === 412
}

/**
 * Another write of the key was under way, and S3 could not decide: the put is to be repeated, a
 * multipart one from its beginning. Source: Amazon S3 User Guide, "Conditional writes".
 */
export function isUndecided(error: unknown): boolean {
  return httpStatusOf(error) === 409
}

/** The multipart upload was aborted by somebody, or completed by a try whose answer was lost. */
function isUploadGone(error: unknown): boolean {
  return nameOf(error) === 'NoSuchUpload'
}

/** Answers to a put that are no faults. */
export function isPutAnswer(error: unknown): boolean {
  // The look at what stands, after such an answer, may find nothing.
  return isTaken(error) || isUndecided(error) || isUploadGone(error) || isAbsent(error)
}

/** The range starts behind the end of the object. */
export function isUnsatisfiable(error: unknown): boolean {
  return httpStatusOf(error) === 416
}

/** Answers to a read that are no faults. */
export function isReadAnswer(error: unknown): boolean {
  return isAbsent(error) || isUnsatisfiable(error)
}

interface Described {
  readonly ContentLength?: number | undefined
  readonly ContentRange?: string | undefined
  readonly ContentType?: string | undefined
  readonly LastModified?: Date | undefined
}

/**
 * What S3 tells of an object. For a range it gives the length of the piece, and the size of the whole
 * in `ContentRange`. Times are those of its headers, in whole seconds, so that a list and a look at
 * one file agree.
 */
export function toInfo(key: string, described: Described): FileInfo {
  const { ContentLength, ContentRange, ContentType, LastModified } = described
  if (ContentLength === undefined) throw new Error(`S3 gave no size of ${key}`)
  const whole = ContentRange === undefined ? ContentLength : Number(ContentRange.split('/')[1])
  return {
    key,
    bytes: whole,
    modifiedAtMs: Math.floor((LastModified?.getTime() ?? 0) / 1000) * 1000,
    ...(ContentType !== undefined && { contentType: ContentType }),
  }
}

type Body = GetObjectCommandOutput['Body']

/**
 * The bytes of an answer. Where they break off, or are not those that S3 has, reading them fails
 * with `PortUnavailable`.
 */
export function readBody(body: Body): Readable {
  const source = checkBody(body)
  const read = Readable.from(passOn(source), { objectMode: false })
  read.once('close', () => source.destroy())
  return read
}

/** Gives up an answer that nobody reads. */
export function dropBody(body: Body): void {
  checkBody(body).destroy()
}

function checkBody(body: Body): Readable {
  if (!(body instanceof Readable)) throw new Error('S3 answered without a body')
  // It may fail before anybody reads it, or after, and an error that nobody hears ends the process.
  body.on('error', () => undefined)
  return body
}

async function* passOn(source: Readable): AsyncGenerator<Buffer> {
  try {
    for await (const chunk of source) yield chunk as Buffer
  } catch (error) {
    throw new PortUnavailable('files', 'stream', error)
  }
}
