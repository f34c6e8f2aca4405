import type {
  Message as SqsMessage,
  MessageSystemAttributeName,
  QueueAttributeName,
} from '@aws-sdk/client-sqs'
import type { Message, QueueDepth } from '../../../ports/queues.ts'

export const RECEIVED_ATTRIBUTES: MessageSystemAttributeName[] = [
  'ApproximateReceiveCount',
  'SentTimestamp',
]

export const DEPTH_ATTRIBUTES: QueueAttributeName[] = [
  'ApproximateNumberOfMessages',
  'ApproximateNumberOfMessagesNotVisible',
  'ApproximateNumberOfMessagesDelayed',
]

export function toMessage(message: SqsMessage): Message {
  const { MessageId = '', ReceiptHandle = '', Body = '', Attributes = {} } = message
  return {
    id: MessageId,
    receipt: ReceiptHandle,
    body: Body,
    receiveCount: toCount(Attributes.ApproximateReceiveCount),
    sentAtMs: toCount(Attributes.SentTimestamp),
  }
}

/** @throws Error when SQS left a count out: an absent count is not zero */
export function toDepth(attributes: Readonly<Record<string, string>>): QueueDepth {
  return {
    visible: toCount(attributes['ApproximateNumberOfMessages']),
    inFlight: toCount(attributes['ApproximateNumberOfMessagesNotVisible']),
    delayed: toCount(attributes['ApproximateNumberOfMessagesDelayed']),
  }
}

function toCount(text: string | undefined): number {
  const count = Number(text ?? 'nothing')
  if (!Number.isSafeInteger(count)) throw new Error(`SQS answered ${text} instead of a count`)
  return count
}

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
