import { Readable } from 'node:stream'
import { toErrorResponse, safeContentType } from '../../registry/http-answers.ts'
import { ServiceError } from '../../registry/errors.ts'
import type { Clock } from '../../ports/clock.ts'
import type { FileInfo, Files } from '../../ports/files.ts'
import { PortUnavailable } from '../../ports/port-unavailable.ts'
import { verifyFileLink } from './file-links.ts'
import { parseByteRange } from './parse-byte-range.ts'
import { receiveUpload } from './receive-upload.ts'

export interface FileLinkServing {
  readonly files: Files
  readonly clock: Pick<Clock, 'now'>
  /** The secret that the links are signed with. */
  readonly secret: string
  /** A folder for uploads that are under way. */
  readonly uploadDir: string
  /** Request ids and names of uploads; no two calls give the same. */
  readonly newId: () => string
}

const METHODS = ['GET', 'HEAD', 'PUT']
const RETRY_AFTER_SECONDS = 2

/**
 * Files are what jobs and users wrote: a browser must not run them or guess their type, and
 * must not pass on the link, which is a key.
 */
const GUARDS = {
  'content-security-policy': "sandbox; default-src 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cache-control': 'private, no-cache',
}

/**
 * Answers a request for a link of the folder file store: GET and HEAD with a range, PUT up to the
 * link's bytes. A refusal has the error shape of the API; a fault is an exception.
 */
export async function serveFileLink(serving: FileLinkServing, request: Request): Promise<Response> {
  const requestId = serving.newId()
  try {
    return await answer(serving, request)
  } catch (error) {
    return toRefusal(toServiceError(error), requestId)
  }
}

async function answer(serving: FileLinkServing, request: Request): Promise<Response> {
  const { files, clock, secret } = serving
  const { method, url } = request
  if (!METHODS.includes(method)) {
    throw new ServiceError('method-not-allowed', `${method} is not allowed here`)
  }
  const link = verifyFileLink(method, url, { secret, nowMs: clock.now() })
  if (!link.ok) throw new ServiceError('invalid-link', REFUSALS[link.why])
  if (method !== 'PUT') return sendFile(files, request, link.key)
  const { key, maxBytes = 0 } = link
  const upload = { key, maxBytes, folder: serving.uploadDir, name: serving.newId() }
  await receiveUpload(files, request, upload)
  return new Response(null, { status: 200, headers: GUARDS })
}

const REFUSALS = {
  malformed: 'the address is not one of a file',
  'not-signed': 'the link was changed, or is for another method',
  expired: 'the link has expired',
} as const

async function sendFile(files: Files, request: Request, key: string): Promise<Response> {
  const info = await files.info(key)
  if (info === undefined) throw makeAbsent(key)
  const headers = new Headers({ ...GUARDS, ...describe(info) })
  const range = parseByteRange(wantedRange(request, info), info.bytes)
  if (range === 'unsatisfiable') {
    headers.set('content-range', `bytes */${info.bytes}`)
    return new Response(null, { status: 416, headers })
  }
  const { start, end } = range === 'whole' ? { start: 0, end: info.bytes - 1 } : range
  headers.set('content-length', String(end - start + 1))
  if (range !== 'whole') headers.set('content-range', `bytes ${start}-${end}/${info.bytes}`)
  const status = range === 'whole' ? 200 : 206
  if (request.method === 'HEAD') return new Response(null, { status, headers })
  const found = await files.stream(key, range === 'whole' ? undefined : range)
  if (found === undefined) throw makeAbsent(key)
  return new Response(Readable.toWeb(found.body), { status, headers })
}

/** A download that goes on later asks for its range only of the same file. */
function wantedRange({ headers }: Request, info: FileInfo): string | null {
  const condition = headers.get('if-range')
  return condition === null || condition === entityTag(info) ? headers.get('range') : null
}

function describe(info: FileInfo): Record<string, string> {
  const name = info.key.slice(info.key.lastIndexOf('/') + 1)
  return {
    'content-type': safeContentType(info.contentType),
    'content-disposition': `attachment; filename*=UTF-8''${encodeFileName(name)}`,
    'accept-ranges': 'bytes',
    etag: entityTag(info),
    'last-modified': new Date(info.modifiedAtMs).toUTCString(),
  }
}

function entityTag({ modifiedAtMs, bytes }: FileInfo): string {
  return `"${modifiedAtMs.toString(36)}-${bytes.toString(36)}"`
}

/** RFC 8187: what `encodeURIComponent` leaves but an extended value may not hold. */
function encodeFileName(name: string): string {
  return encodeURIComponent(name).replace(
    /['()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16)}`,
  )
}

function makeAbsent(key: string): ServiceError {
  return new ServiceError('not-found', `there is no file ${key}`)
}

/** @throws an error that is a fault and not a refusal */
function toServiceError(error: unknown): ServiceError {
  if (error instanceof ServiceError) return error
  if (!(error instanceof PortUnavailable)) throw error
  return new ServiceError('service-unavailable', error.describe(), {
    retryAfterSeconds: RETRY_AFTER_SECONDS,
    cause: error,
  })
}

function toRefusal(error: ServiceError, requestId: string): Response {
  const isMethod = error.code === 'method-not-allowed'
  const headers = { ...GUARDS, ...(isMethod && { allow: METHODS.join(', ') }) }
  return toErrorResponse(error, requestId, headers)
}
