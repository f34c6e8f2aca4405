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
  if (!Number.isSafeInteger(count)) throw new Error(`SQS answered ${text} where a count belongs`)
  return count
}
