const UNKNOWN = 'application/octet-stream'
const CONTENT_TYPE = /^[\x20-\x7e]{1,200}$/

/** A content type that somebody else has chosen, as a header may hold it; else that of any bytes. */
export function safeContentType(given: string | undefined): string {
  return given !== undefined && CONTENT_TYPE.test(given) ? given : UNKNOWN
}
