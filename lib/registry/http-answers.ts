import { ERRORS, ServiceError, toErrorBody } from './errors.ts'

/** Seconds for which a caller waits where nothing better is known. */
const RETRY_AFTER_SECONDS = 5

/** Headers that belong to an error, whoever answers it. */
export function errorHeaders({
  code,
  status,
  retryAfterSeconds,
}: ServiceError): Record<string, string> {
  const isRetryable = 'retryable' in ERRORS[code]
  const waitSeconds = retryAfterSeconds ?? (isRetryable ? RETRY_AFTER_SECONDS : undefined)
  return {
    ...(waitSeconds !== undefined && { 'Retry-After': String(waitSeconds) }),
    ...(status === 401 && { 'WWW-Authenticate': 'Bearer realm="scalable-job"' }),
  }
}

/** The one answer to an error over HTTP. */
export function toErrorResponse(
  error: ServiceError,
  requestId: string,
  headers: Readonly<Record<string, string>> = {},
): Response {
  return Response.json(toErrorBody(error, requestId), {
    status: error.status,
    headers: { 'X-Request-Id': requestId, ...errorHeaders(error), ...headers },
  })
}

const UNKNOWN = 'application/octet-stream'
const CONTENT_TYPE = /^[\x20-\x7e]{1,200}$/

/** A content type that somebody else has chosen, as a header may hold it; else that of any bytes. */
export function safeContentType(given: string | undefined): string {
  return given !== undefined && CONTENT_TYPE.test(given) ? given : UNKNOWN
}
