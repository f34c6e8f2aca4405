/**
 * The queues of one service. A message is only a signal that a job may be ready; the table decides.
 *
 * Promises, the same over SQS standard queues and SQLite:
 * - At least once, in no promised order; a message received and neither deleted nor handed back
 *   shows again after its visibility.
 * - After `MAX_RECEIVES` receives a message moves to `dead`.
 * - `depth` may be stale by a minute; it is an estimate, not a count.
 * - Out of reach: `PortUnavailable`.
 */
export const QUEUE_NAMES = ['command', 'query', 'output', 'dead'] as const
export type QueueName = (typeof QUEUE_NAMES)[number]

/** Receives before a message becomes a dead letter; polite hand-backs count too, hence the room. */
export const MAX_RECEIVES = 1000

export interface OutgoingMessage {
  /** At most 1 MiB in UTF-8 (SQS). */
  readonly body: string
  /** 0–900 (SQS). */
  readonly delaySeconds?: number
}

export interface Message {
  readonly id: string
  /** Valid for this receive only. */
  readonly receipt: string
  readonly body: string
  readonly receiveCount: number
  /** Milliseconds since 1970. */
  readonly sentAtMs: number
}

export interface Receive {
  /** 1–10 (SQS). */
  readonly max: number
  /** 0–20 (SQS long poll); answers as soon as there is one message. */
  readonly waitSeconds: number
  /** 0–43,200 (SQS). */
  readonly visibilitySeconds: number
  /** Ends the wait; the answer is then empty, and no message is held. */
  readonly signal?: AbortSignal
}

export interface QueueDepth {
  readonly visible: number
  readonly inFlight: number
  readonly delayed: number
}

export interface Queues {
  /** All or an exception; after an exception some may have been sent. Any number of messages. */
  send(queue: QueueName, messages: readonly OutgoingMessage[]): Promise<void>
  receive(queue: QueueName, how: Receive): Promise<Message[]>
  /** Deleting twice, or after the receipt has lapsed, is no error. */
  delete(queue: QueueName, receipts: readonly string[]): Promise<void>
  /** Hands messages back: visible again after `afterSeconds`. A lapsed receipt is no error. */
  handBack(queue: QueueName, receipts: readonly string[], afterSeconds: number): Promise<void>
  depth(queue: QueueName): Promise<QueueDepth>
  close(): Promise<void>
}
