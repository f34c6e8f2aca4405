import { textLike } from '../../parsing/schema-rules.ts'

export const IDEMPOTENCY_HEADER = 'Idempotency-Key'
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
