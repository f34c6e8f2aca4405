/**
 * What SQS does not take in a body: everything outside #x9, #xA, #xD and the character ranges of
 * XML 1.0. Source: SQS SendMessage, `MessageBody`.
 */
// eslint-disable-next-line no-control-regex -- control characters are what it looks for
const REFUSED_CHARS = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g

/**
 * Bodies are JSON, in which such a character (of a log line, say) may as well stand as an escape:
 * the receiver parses the same text.
 */
export function escapeForSqs(body: string): string {
  return body.replace(
    REFUSED_CHARS,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
