import type { BatchResultErrorEntry } from '@aws-sdk/client-sqs'

/** SQS: 12 hours, counted from the receive; a longer wish is refused, not shortened. */
export const MAX_VISIBILITY_SECONDS = 43_200

const LAPSED_CODES = new Set([
  'InvalidParameterValue',
  'MessageNotInflight',
  'AWS.SimpleQueueService.MessageNotInflight',
  'ReceiptHandleIsInvalid',
])

/**
 * Whether an entry failed because its receipt is no longer good: the message was deleted, is back
 * in the queue, or reached its 12 hours. SQS names an expired receipt, and a visibility that would
 * reach beyond the 12 hours, `InvalidParameterValue`.
 */
export function isLapsedReceipt({ Code }: BatchResultErrorEntry): boolean {
  return Code !== undefined && LAPSED_CODES.has(Code)
}
