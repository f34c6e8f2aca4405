import { z } from 'zod'
import { type ErrorBody, type ErrorCode, type ErrorDetail, ERRORS } from '../registry/errors.ts'
import { CLI_FIXES } from './cli-fixes.ts'

/** Codes that only the client gives: nothing, or nothing usable, came back. */
const CLIENT_ERRORS = {
  unreachable: 'check the address, and that the service runs: scalable-job doctor',
  'timed-out': 'try again; scalable-job doctor checks the service',
  'bad-answer': 'check that the address is that of a Scalable Job API',
  'bad-download': 'download again; if it repeats, the stored file is damaged',
} as const

export type ClientErrorCode = keyof typeof CLIENT_ERRORS

/** A call that did not succeed: the API's own error answer, or why there was none. */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  readonly code: ErrorCode | ClientErrorCode
  readonly fix: string
  readonly details: readonly ErrorDetail[]
  /** HTTP status; absent where no answer came. */
  readonly status: number | undefined
  readonly requestId: string | undefined
  readonly retryAfterSeconds: number | undefined

  constructor(
    code: ErrorCode | ClientErrorCode,
    message: string,
    more: {
      fix?: string
      details?: readonly ErrorDetail[]
      status?: number
      requestId?: string
      retryAfterSeconds?: number
      cause?: unknown
    } = {},
  ) {
    super(message, more.cause === undefined ? undefined : { cause: more.cause })
    this.code = code
    this.fix = more.fix ?? fixOf(code)
    this.details = more.details ?? []
    this.status = more.status
    this.requestId = more.requestId
    this.retryAfterSeconds = more.retryAfterSeconds
  }

  /** Whether the same call may succeed a moment later. */
  get passing(): boolean {
    if (this.code === 'unreachable' || this.code === 'timed-out') return true
    return this.status !== undefined && PASSING_STATUSES.has(this.status)
  }
}

/**
 * 408 comes from a server that has waited too long for the head of a request, if only because it
 * stood still itself: nothing was done (RFC 9110, section 15.5.9). 502 and 504 come from gateways in
 * front of the API; 429 also says when to come back.
 */
const PASSING_STATUSES: ReadonlySet<number> = new Set([408, 429, 502, 503, 504])

function fixOf(code: ErrorCode | ClientErrorCode): string {
  return isClientCode(code) ? CLIENT_ERRORS[code] : (CLI_FIXES[code] ?? ERRORS[code].fix)
}

function isClientCode(code: string): code is ClientErrorCode {
  return Object.hasOwn(CLIENT_ERRORS, code)
}

/** The error of an answer that is not 2xx, whoever wrote it. */
export async function readApiError(response: Response): Promise<ApiError> {
  const text = await response.text()
  const location = response.headers.get('location')
  const toWhere = location === null ? '' : `, which points to ${location}`
  const retryAfter = Number(response.headers.get('retry-after') ?? Number.NaN)
  const more = {
    status: response.status,
    ...(retryAfter >= 0 && { retryAfterSeconds: retryAfter }),
  }
  const error = readErrorBody(text)
  if (error === undefined) {
    const shown = text.slice(0, 200).trim()
    const what = `HTTP ${response.status} without an error of the API${toWhere}${shown === '' ? '' : `: ${shown}`}`
    return new ApiError('bad-answer', what, more)
  }
  const { code, message, fix, details, requestId } = error
  // The service's own words are for who speaks HTTP with it.
  return new ApiError(code, message, { ...more, fix: CLI_FIXES[code] ?? fix, details, requestId })
}

const detailSchema = z.object({
  path: z.string(),
  problem: z.string(),
  got: z.string().exactOptional(),
  allowed: z.string().exactOptional(),
})

function readErrorBody(text: string): ErrorBody['error'] | undefined {
  try {
    const { error } = JSON.parse(text) as Partial<ErrorBody>
    if (typeof error?.message !== 'string' || !Object.hasOwn(ERRORS, error.code)) return undefined
    const { code, message, fix, requestId } = error
    const details = z.array(detailSchema).safeParse(error.details).data ?? []
    return { code, message, fix: toText(fix), requestId: toText(requestId), details }
  } catch {
    return undefined
  }
}

function toText(value: unknown): string {
  return typeof value === 'string' ? value : ''
}
