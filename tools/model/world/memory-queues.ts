import type {
  Message,
  OutgoingMessage,
  QueueDepth,
  QueueName,
  Queues,
  Receive,
} from '../../../lib/ports/queues.ts'
import type { Gate } from './gate.ts'
import { checkOutgoing, type QueueState } from './queue-state.ts'

/** What may go wrong with a message although the call goes well. */
export interface Delivery {
  /** Sent once, stands twice. */
  readonly isTwice: () => boolean
  /** Shows so much later than it should. */
  readonly lateMs: () => number
  /** Sent well, and never there. */
  readonly isDropped: () => boolean
  /** The depth is that of a while ago. */
  readonly isStale: () => boolean
}

const GOOD: Delivery = {
  isTwice: () => false,
  lateMs: () => 0,
  isDropped: () => false,
  isStale: () => false,
}

/** Queues over messages in memory. A receive that waits is one call that is not ready yet. */
export class MemoryQueues implements Queues {
  readonly #state: QueueState
  readonly #gate: Gate
  readonly #monotonicMs: () => number
  readonly #delivery: Delivery

  constructor(
    state: QueueState,
    { gate, monotonicMs }: { readonly gate: Gate; readonly monotonicMs: () => number },
    delivery: Delivery = GOOD,
  ) {
    this.#state = state
    this.#gate = gate
    this.#monotonicMs = monotonicMs
    this.#delivery = delivery
  }

  async send(queue: QueueName, messages: readonly OutgoingMessage[]): Promise<void> {
    checkOutgoing(messages)
    const { isTwice, lateMs, isDropped } = this.#delivery
    await this.#gate.call({ port: 'queues', action: 'send', target: queue }, () => {
      if (isDropped()) return
      const delayMs = lateMs()
      for (let copies = isTwice() ? 2 : 1; copies > 0; copies -= 1) {
        this.#state.send(queue, messages, delayMs)
      }
    })
  }

  receive(queue: QueueName, how: Receive): Promise<Message[]> {
    const { max, waitSeconds, visibilitySeconds, signal } = how
    const endMs = this.#monotonicMs() + waitSeconds * 1000
    const isOver = (): boolean => signal?.aborted === true || this.#monotonicMs() >= endMs
    const isReady = (): boolean => isOver() || this.#state.isVisible(queue)
    const readyAtMs = (): number => Math.min(endMs, this.#state.nextVisibleMs(queue))
    const info = { port: 'queues', action: 'receive', target: queue, isReady, readyAtMs }
    return this.#gate.call(info, () => {
      if (signal?.aborted === true) return []
      const received = this.#state.receive(queue, max, visibilitySeconds)
      if (received.length > 0 && this.#delivery.isTwice()) this.#state.showAgain(received)
      return received
    })
  }

  delete(queue: QueueName, receipts: readonly string[]): Promise<void> {
    return this.#gate.call({ port: 'queues', action: 'delete', target: queue }, () =>
      this.#state.delete(queue, receipts),
    )
  }

  handBack(queue: QueueName, receipts: readonly string[], afterSeconds: number): Promise<void> {
    return this.#gate.call({ port: 'queues', action: 'handBack', target: queue }, () =>
      this.#state.handBack(queue, receipts, afterSeconds),
    )
  }

  depth(queue: QueueName): Promise<QueueDepth> {
    return this.#gate.call({ port: 'queues', action: 'depth', target: queue }, () =>
      this.#delivery.isStale() ? { visible: 0, inFlight: 0, delayed: 0 } : this.#state.depth(queue),
    )
  }

  close(): Promise<void> {
    return Promise.resolve()
  }
}
