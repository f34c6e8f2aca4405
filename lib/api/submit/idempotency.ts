import { textLike } from '../../parsing/value-kinds.ts'
import { createHash } from 'node:crypto'
import { parseWithSchema } from '../../parsing/parse-with-schema.ts'
import type { Call } from '../route.ts'

const IDEMPOTENCY_HEADER = 'Idempotency-Key'
/** On every answer that repeats an earlier one. */
export const REPLAYED_HEADER = 'Idempotency-Replayed'

export const idempotencyKeySchema = textLike(/^[\x21-\x7e]{1,255}$/, {
  problem: 'is not an idempotency key',
  allowed: '1 to 255 visible ASCII characters without spaces',
}).meta({
  description:
    'A text of your own for this one job. Sent again with the same body it gets the first answer, as long as the job is kept; with another body it is refused.',
  example: 'train-2026-01-01-a',
})

export interface Idempotency {
  readonly key: string
  /** SHA-256 in hexadecimal of everything that makes the request what it is. */
  readonly bodyHash: string
}

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
