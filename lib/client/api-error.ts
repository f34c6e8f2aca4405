import { ENV } from '../registry/env.ts'
import { type ErrorBody, type ErrorCode, type ErrorDetail, ERRORS } from '../registry/errors.ts'
import { list, maybe, object, text } from './check.ts'

/** Codes that only the client gives: nothing, or nothing usable, came back. */
const CLIENT_ERRORS = {
  'no-service': `start one here, or name one: ${ENV.apiUrl.name} and ${ENV.token.name}`,
  unreachable: 'check the address, and that the service runs',
  'timed-out': 'try again',
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
  return isClientCode(code) ? CLIENT_ERRORS[code] : ERRORS[code].fix
}

function isClientCode(code: string): code is ClientErrorCode {
  return Object.hasOwn(CLIENT_ERRORS, code)
}

/** The error of an answer that is not 2xx, whoever wrote it. */
export async function readApiError(response: Response): Promise<ApiError> {
  const body = await response.text()
  const location = response.headers.get('location')
  const toWhere = location === null ? '' : `, which points to ${location}`
  const retryAfter = Number(response.headers.get('retry-after') ?? Number.NaN)
  const more = {
    status: response.status,
    ...(retryAfter >= 0 && { retryAfterSeconds: retryAfter }),
  }
  const error = readErrorBody(body)
  if (error === undefined) {
    const shown = body.slice(0, 200).trim()
    const what = `HTTP ${response.status}, but not with an error of this API${toWhere}${shown === '' ? '' : `: ${shown}`}`
    return new ApiError('bad-answer', what, more)
  }
  const { code, message, fix, details, requestId } = error
  return new ApiError(code, message, { ...more, fix, details, requestId })
}

const detailsCheck = list(
  object<ErrorDetail>({ path: text, problem: text, got: maybe(text), allowed: maybe(text) }),
)

function readErrorBody(body: string): ErrorBody['error'] | undefined {
  try {
    const { error } = JSON.parse(body) as Partial<ErrorBody>
    if (typeof error?.message !== 'string' || !Object.hasOwn(ERRORS, error.code)) return undefined
    const { code, message, fix, requestId } = error
    const details = detailsCheck(error.details) === undefined ? error.details : []
    return { code, message, fix: toText(fix), requestId: toText(requestId), details }
  } catch {
    return undefined
  }
}

function toText(value: unknown): string {
  return typeof value === 'string' ? value : ''
}
