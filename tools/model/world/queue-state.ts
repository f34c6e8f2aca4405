import {
  MAX_RECEIVES,
  type Message,
  type OutgoingMessage,
  type QueueDepth,
  type QueueName,
} from '../../../lib/ports/queues.ts'

export interface HeldMessage {
  readonly id: string
  readonly queue: QueueName
  readonly body: string
  readonly sentAtMs: number
  visibleAtMs: number
  receiveCount: number
  receipt: string | undefined
}

const MAX_BODY_BYTES = 1_048_576

/** The queues of one service in memory, in the order of sending. */
export class QueueState {
  readonly #now: () => number
  readonly #maxReceives: number
  #messages: HeldMessage[] = []
  #count = 0
  /** Told of each message that is sent, or deleted with a receipt that holds. */
  onSend: (message: HeldMessage) => void = () => undefined
  onDelete: (message: HeldMessage) => void = () => undefined

  constructor(now: () => number, maxReceives = MAX_RECEIVES) {
    this.#now = now
    this.#maxReceives = maxReceives
  }

  send(queue: QueueName, messages: readonly OutgoingMessage[], extraDelayMs = 0): void {
    for (const { body, delaySeconds = 0 } of messages) {
      const visibleAtMs = this.#now() + delaySeconds * 1000 + extraDelayMs
      const message = this.#add({ queue, body, sentAtMs: this.#now(), visibleAtMs })
      this.onSend(message)
    }
  }

  isVisible(queue: QueueName): boolean {
    return this.#visible(queue).length > 0
  }

  /** When the next message of a queue shows that is hidden now. */
  nextVisibleMs(queue: QueueName): number {
    const hidden = this.#messages.filter((each) => each.queue === queue).map((m) => m.visibleAtMs)
    return Math.min(...hidden.filter((atMs) => atMs > this.#now()), Infinity)
  }

  receive(queue: QueueName, max: number, visibilitySeconds: number): Message[] {
    const received: Message[] = []
    for (const message of this.#visible(queue)) {
      if (received.length === max) break
      message.receiveCount += 1
      if (message.receiveCount > this.#maxReceives) {
        this.#messages = this.#messages.filter((each) => each !== message)
        this.#add({ ...message, queue: 'dead', visibleAtMs: this.#now() })
        continue
      }
      message.visibleAtMs = this.#now() + visibilitySeconds * 1000
      message.receipt = `${message.id}/${message.receiveCount}`
      const { id, body, receiveCount, receipt, sentAtMs } = message
      received.push({ id, body, receiveCount, receipt, sentAtMs })
    }
    return received
  }

  /** The fault of a standard queue: what is held is shown to another receiver too. */
  showAgain(received: readonly Message[]): void {
    for (const message of this.#messages) {
      if (received.some(({ id }) => id === message.id)) message.visibleAtMs = this.#now()
    }
  }

  delete(queue: QueueName, receipts: readonly string[]): void {
    for (const message of this.#held(queue, receipts)) {
      this.#messages = this.#messages.filter((each) => each !== message)
      this.onDelete(message)
    }
  }

  handBack(queue: QueueName, receipts: readonly string[], afterSeconds: number): void {
    for (const message of this.#held(queue, receipts)) {
      message.visibleAtMs = this.#now() + afterSeconds * 1000
      message.receipt = undefined
    }
  }

  depth(queue: QueueName): QueueDepth {
    const depth = { visible: 0, inFlight: 0, delayed: 0 }
    for (const message of this.#messages.filter((each) => each.queue === queue)) {
      if (message.visibleAtMs <= this.#now()) depth.visible += 1
      else if (message.receiveCount > 0) depth.inFlight += 1
      else depth.delayed += 1
    }
    return depth
  }

  messages(): readonly HeldMessage[] {
    return this.#messages
  }

  #add(what: Pick<HeldMessage, 'queue' | 'body' | 'sentAtMs' | 'visibleAtMs'>): HeldMessage {
    const message = { ...what, id: `m${(this.#count += 1)}`, receiveCount: 0, receipt: undefined }
    this.#messages.push(message)
    return message
  }

  #visible(queue: QueueName): HeldMessage[] {
    const nowMs = this.#now()
    return this.#messages.filter((each) => each.queue === queue && each.visibleAtMs <= nowMs)
  }

  /** Receipts lapse with their visibility, or with the next receive. */
  #held(queue: QueueName, receipts: readonly string[]): HeldMessage[] {
    return this.#messages.filter(
      (each) =>
        each.queue === queue &&
        each.receipt !== undefined &&
        receipts.includes(each.receipt) &&
        each.visibleAtMs > this.#now(),
    )
  }
}

/** @throws RangeError for what no queue takes */
export function checkOutgoing(messages: readonly OutgoingMessage[]): void {
  for (const { body } of messages) {
    if (Buffer.byteLength(body) > MAX_BODY_BYTES) throw new RangeError('larger than 1 MiB')
  }
}
