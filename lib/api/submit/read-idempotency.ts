import { createHash } from 'node:crypto'
import { IDEMPOTENCY_HEADER, idempotencyKeySchema } from '../contract/idempotency-key.ts'
import { parseWithSchema } from '../../parsing/parse-with-schema.ts'
import type { Call } from '../route.ts'
import type { Idempotency } from './submission.ts'

/**
 * The `Idempotency-Key` of a request, with the hash of `parts`: what must be the same for the
 * request to count as a repeat. The first part names the route, so that one key cannot mean two
 * things.
 *
 * @throws ServiceError `invalid-request` for a key that is none
 */
export function readIdempotency(
  { c }: Call,
  parts: readonly (string | Uint8Array)[],
): { idempotency?: Idempotency } {
  const given = c.req.header(IDEMPOTENCY_HEADER)
  if (given === undefined) return {}
  const key = parseWithSchema(idempotencyKeySchema, given, {
    code: 'invalid-request',
    what: `the ${IDEMPOTENCY_HEADER} header`,
    root: 'header.idempotency-key',
  })
  const hash = createHash('sha256')
  for (const part of parts) {
    const bytes = Buffer.from(part)
    // With its length, so that no two lists of parts give one text.
    hash.update(`${bytes.length}:`).update(bytes)
  }
  return { idempotency: { key, bodyHash: hash.digest('hex') } }
}
