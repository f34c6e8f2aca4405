import type { QueueName, Queues } from '../../lib/ports/queues.ts'
import type { Log } from '../../lib/ports/log.ts'

/**
 * Deletes messages in batches, beside the work: receipts that come while one call is under way go
 * with the next call. A message that could not be deleted shows again, and its claim is refused then.
 */
export class MessageAcker {
  readonly #queues: Queues
  readonly #log: Log
  readonly #waiting = new Map<QueueName, string[]>()
  #running: Promise<void> | undefined

  constructor(queues: Queues, log: Log) {
    this.#queues = queues
    this.#log = log
  }

  ack(queue: QueueName, receipt: string): void {
    this.#waiting.set(queue, [...(this.#waiting.get(queue) ?? []), receipt])
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined
    })
  }

  /** Resolves once nothing is left to delete. */
  async close(): Promise<void> {
    await this.#running
  }

  async #run(): Promise<void> {
    for (;;) {
      const [next] = this.#waiting
      if (next === undefined) return
      const [queue, receipts] = next
      this.#waiting.delete(queue)
      try {
        await this.#queues.delete(queue, receipts)
      } catch (error) {
        this.#log.warn('messages not deleted', { queue, error: String(error) })
      }
    }
  }
}
