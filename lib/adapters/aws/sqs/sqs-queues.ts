import {
  type BatchResultErrorEntry,
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SQSClient,
} from '@aws-sdk/client-sqs'
import { checkRange } from '../../../parsing/checks.ts'
import type {
  Message,
  OutgoingMessage,
  QueueDepth,
  QueueName,
  Queues,
  Receive,
} from '../../../ports/queues.ts'
import type { CallLimits, StoreSettings } from '../aws-settings.ts'
import { bounded } from '../bounded.ts'
import { clientSettings, limitsOf } from '../client-settings.ts'
import { isLapsedReceipt, sendBatch, toBatches } from './sqs-batches.ts'
import {
  DEPTH_ATTRIBUTES,
  escapeForSqs,
  RECEIVED_ATTRIBUTES,
  toDepth,
  toMessage,
} from './sqs-message.ts'

const MAX_RECEIVED = 10
const MAX_WAIT_SECONDS = 20
const MAX_DELAY_SECONDS = 900
/** SQS: 12 hours, counted from the receive; a longer wish is refused, not shortened. */
const MAX_VISIBILITY_SECONDS = 43_200

interface BatchCall<T> {
  readonly queue: QueueName
  readonly action: string
  readonly entries: readonly T[]
  /** Bytes that count against the size of a batch. */
  readonly bytesOf: (entry: T) => number
  readonly send: (
    url: string,
    open: readonly T[],
    signal: AbortSignal,
  ) => Promise<{ readonly Failed?: BatchResultErrorEntry[] | undefined }>
}

/**
 * The queues over SQS standard queues.
 *
 * A receive that is given up is not cut: SQS may already have handed a message to the dead
 * connection, and would hide it for its visibility. The answer is empty at once, the poll runs to
 * its end in the background, and what it still brings is handed back.
 */
export class SqsQueues implements Queues {
  readonly #client: SQSClient
  readonly #urls: StoreSettings['queueUrls']
  readonly #limits: CallLimits
  readonly #givenUp = new Set<Promise<void>>()

  constructor(settings: StoreSettings) {
    // Otherwise the host in a queue's URL would decide where calls go, past any VPC endpoint.
    this.#client = new SQSClient({
      ...clientSettings(settings, 'queues'),
      useQueueUrlAsEndpoint: false,
    })
    this.#urls = settings.queueUrls
    this.#limits = limitsOf(settings, 'queues')
  }

  async send(queue: QueueName, messages: readonly OutgoingMessage[]): Promise<void> {
    await this.#inBatches({
      queue,
      action: 'send',
      entries: messages.map(({ body, delaySeconds = 0 }) => {
        return { body: escapeForSqs(body), delaySeconds: toDelay(delaySeconds) }
      }),
      bytesOf: ({ body }) => Buffer.byteLength(body),
      send: (url, open, signal) => {
        const Entries = open.map(({ body, delaySeconds }, place) => {
          return { Id: String(place), MessageBody: body, DelaySeconds: delaySeconds }
        })
        const command = new SendMessageBatchCommand({ QueueUrl: url, Entries })
        return this.#client.send(command, { abortSignal: signal })
      },
    })
  }

  async receive(queue: QueueName, how: Receive): Promise<Message[]> {
    const { signal } = how
    if (signal === undefined) return this.#poll(queue, how)
    if (signal.aborted) return []
    const givenUp = Promise.withResolvers<undefined>()
    const giveUp = (): void => givenUp.resolve(undefined)
    signal.addEventListener('abort', giveUp, { once: true })
    const poll = this.#poll(queue, how)
    try {
      const messages = await Promise.race([poll, givenUp.promise])
      if (messages !== undefined && !signal.aborted) return messages
      this.#giveUp(queue, poll)
      return []
    } finally {
      signal.removeEventListener('abort', giveUp)
    }
  }

  delete(queue: QueueName, receipts: readonly string[]): Promise<void> {
    return this.#inBatches({
      queue,
      action: 'delete',
      entries: receipts,
      bytesOf: () => 0,
      send: (url, open, signal) => {
        const Entries = open.map((receipt, place) => {
          return { Id: String(place), ReceiptHandle: receipt }
        })
        const command = new DeleteMessageBatchCommand({ QueueUrl: url, Entries })
        return this.#client.send(command, { abortSignal: signal })
      },
    })
  }

  handBack(queue: QueueName, receipts: readonly string[], afterSeconds: number): Promise<void> {
    const visibility = Math.min(Math.ceil(afterSeconds), MAX_VISIBILITY_SECONDS)
    return this.#inBatches({
      queue,
      action: 'handBack',
      entries: receipts,
      bytesOf: () => 0,
      send: (url, open, signal) => {
        const Entries = open.map((receipt, place) => {
          return { Id: String(place), ReceiptHandle: receipt, VisibilityTimeout: visibility }
        })
        const command = new ChangeMessageVisibilityBatchCommand({ QueueUrl: url, Entries })
        return this.#client.send(command, { abortSignal: signal })
      },
    })
  }

  async depth(queue: QueueName): Promise<QueueDepth> {
    const url = this.#urlOf(queue)
    return this.#bounded('depth', async (signal) => {
      const command = new GetQueueAttributesCommand({
        QueueUrl: url,
        AttributeNames: DEPTH_ATTRIBUTES,
      })
      const { Attributes } = await this.#client.send(command, { abortSignal: signal })
      return toDepth(Attributes ?? {})
    })
  }

  /** Waits for the polls that were given up, at most one long poll, so that they hand back. */
  async close(): Promise<void> {
    await Promise.all(this.#givenUp)
    this.#client.destroy()
  }

  async #poll(queue: QueueName, how: Receive): Promise<Message[]> {
    const { max, visibilitySeconds } = how
    checkRange('max', max, { min: 1, max: MAX_RECEIVED })
    const waitSeconds = Math.ceil(how.waitSeconds)
    checkRange('waitSeconds', waitSeconds, { min: 0, max: MAX_WAIT_SECONDS })
    const command = new ReceiveMessageCommand({
      QueueUrl: this.#urlOf(queue),
      MaxNumberOfMessages: max,
      WaitTimeSeconds: waitSeconds,
      VisibilityTimeout: Math.ceil(visibilitySeconds),
      MessageSystemAttributeNames: RECEIVED_ATTRIBUTES,
    })
    const waitMs = waitSeconds * 1000
    const requestTimeout = waitMs + this.#limits.tryMs
    const run = async (signal: AbortSignal): Promise<Message[]> => {
      const answer = await this.#client.send(command, { abortSignal: signal, requestTimeout })
      return (answer.Messages ?? []).map(toMessage)
    }
    return this.#bounded('receive', run, waitMs)
  }

  #giveUp(queue: QueueName, poll: Promise<Message[]>): void {
    const settled = this.#handBackAll(queue, poll).finally(() => this.#givenUp.delete(settled))
    this.#givenUp.add(settled)
  }

  async #handBackAll(queue: QueueName, poll: Promise<Message[]>): Promise<void> {
    try {
      const messages = await poll
      const receipts = messages.map(({ receipt }) => receipt)
      await this.handBack(queue, receipts, 0)
    } catch {
      // SQS was not reached. A message that was received appears again after its visibility.
    }
  }

  async #inBatches<T>({ queue, action, entries, bytesOf, send }: BatchCall<T>): Promise<void> {
    const url = this.#urlOf(queue)
    const forgives = action === 'send' ? () => false : isLapsedReceipt
    for (const batch of toBatches(entries, bytesOf)) {
      await this.#bounded(action, (signal) =>
        sendBatch(batch, { forgives, signal, send: (open) => send(url, open, signal) }),
      )
    }
  }

  #urlOf(queue: QueueName): string {
    const url = this.#urls[queue]
    if (url === undefined) throw new RangeError(`this service has no queue ${queue}`)
    return url
  }

  #bounded<T>(action: string, run: (signal: AbortSignal) => Promise<T>, waitMs = 0): Promise<T> {
    return bounded({ port: 'queues', action, callMs: this.#limits.callMs + waitMs }, run)
  }
}

function toDelay(seconds: number): number {
  const whole = Math.ceil(seconds)
  checkRange('delaySeconds', whole, { min: 0, max: MAX_DELAY_SECONDS })
  return whole
}
