import { isListOf, isText, parseJsonOf } from '../../../parsing/checks.ts'
import { ServiceError, showValue } from '../../../registry/errors.ts'

/**
 * Where a page ended, as opaque text. It holds nothing that the next query does not fix itself
 * (partition, tenant), so a forged token reads nothing else.
 */
export function encodePageToken(parts: readonly string[]): string {
  return Buffer.from(JSON.stringify(parts)).toString('base64url')
}

/** @throws ServiceError `invalid-request` when the text was not made by `encodePageToken` */
export function decodePageToken(token: string, count: number): string[] {
  const parts = parseJsonOf(Buffer.from(token, 'base64url').toString(), isListOf(isText))
  if (parts?.length === count) return parts
  throw new ServiceError('invalid-request', 'the page token is not one that was given out', {
    details: [
      {
        path: 'after',
        problem: 'is not the `next` of an earlier page',
        got: showValue(token),
      },
    ],
  })
}
