import { checkRange } from '../../parsing/checks.ts'
import type { Clock } from '../../ports/clock.ts'
import {
  MAX_RECEIVES,
  type Message,
  type OutgoingMessage,
  type QueueDepth,
  type QueueName,
  type Queues,
  type Receive,
} from '../../ports/queues.ts'
import type { Call, Database } from './database.ts'
import { PURGE_ROWS, PurgeTimer } from './purge-timer.ts'
import { parseReceipt, takeMessages } from './take-messages.ts'

const MAX_BODY_BYTES = 1_048_576
const MAX_DELAY_SECONDS = 900
const MAX_VISIBILITY_SECONDS = 43_200
const MAX_WAIT_SECONDS = 20
const MAX_RECEIVED = 10
const SEND_BATCH = 500
const POLL_MS = 15
/** SQS keeps messages at most this long; the queues of the cloud are set to it. */
const RETENTION_MS = 14 * 86_400_000

export interface SqliteQueuesOptions {
  readonly database: Database
  readonly clock: Clock
  /** A text that no other call gives. */
  readonly newReceipt: () => string
  /** @default MAX_RECEIVES */
  readonly maxReceives?: number
}

/** The queues in a SQLite file that several processes share. */
export class SqliteQueues implements Queues {
  readonly #options: SqliteQueuesOptions
  readonly #database: Database
  readonly #clock: Clock
  readonly #purge = new PurgeTimer()

  constructor(options: SqliteQueuesOptions) {
    this.#options = options
    this.#database = options.database
    this.#clock = options.clock
  }

  async send(queue: QueueName, messages: readonly OutgoingMessage[]): Promise<void> {
    for (const message of messages) checkOutgoing(message)
    for (let from = 0; from < messages.length; from += SEND_BATCH) {
      const batch = messages.slice(from, from + SEND_BATCH)
      await this.#database.write(call('send'), () => this.#insert(queue, batch))
    }
  }

  async receive(queue: QueueName, how: Receive): Promise<Message[]> {
    checkRange('max', how.max, { min: 1, max: MAX_RECEIVED })
    checkSeconds('waitSeconds', how.waitSeconds, MAX_WAIT_SECONDS)
    checkSeconds('visibilitySeconds', how.visibilitySeconds, MAX_VISIBILITY_SECONDS)
    const endMs = this.#clock.monotonicMs() + how.waitSeconds * 1_000
    while (how.signal?.aborted !== true) {
      const mark = this.#database.changeMark()
      const messages = await this.#take(queue, how)
      if (messages.length > 0) return messages
      if (this.#clock.monotonicMs() >= endMs) break
      await this.#waitForNews(queue, { mark, endMs, signal: how.signal })
      if (this.#database.isClosed) break
    }
    return []
  }

  async delete(_queue: QueueName, receipts: readonly string[]): Promise<void> {
    const statement = 'DELETE FROM messages WHERE id = ? AND receipt = ?'
    await this.#forEachReceipt('delete', receipts, ({ id, receipt }) => {
      this.#database.statement(statement).run(id, receipt)
    })
  }

  async handBack(
    _queue: QueueName,
    receipts: readonly string[],
    afterSeconds: number,
  ): Promise<void> {
    const delayMs = Math.round(Math.min(afterSeconds, MAX_VISIBILITY_SECONDS) * 1_000)
    // One whose visibility has passed is back already; a new delay would only hide it again.
    const statement =
      'UPDATE messages SET visible_at = ?1 + ?2 WHERE id = ?3 AND receipt = ?4 AND visible_at > ?1'
    await this.#forEachReceipt('handBack', receipts, ({ id, receipt }) => {
      this.#database.statement(statement).run(this.#clock.now(), delayMs, id, receipt)
    })
  }

  async depth(queue: QueueName): Promise<QueueDepth> {
    // Only what is hidden is counted: that is little, however much waits.
    const statement = `SELECT
        ifnull((SELECT messages FROM queue_totals WHERE queue = ?2), 0) AS total,
        count(*) FILTER (WHERE receive_count > 0) AS inFlight,
        count(*) FILTER (WHERE receive_count = 0) AS delayed
      FROM messages WHERE queue = ?2 AND visible_at > ?1`
    const counts = await this.#database.read(call('depth'), () =>
      this.#database.statement(statement).get(this.#clock.now(), queue),
    )
    const { total, inFlight, delayed } = counts as unknown as QueueDepth & { total: number }
    return { visible: total - inFlight - delayed, inFlight, delayed }
  }

  /** The file stays open for the other ports; whoever opened it closes it, which ends all waits. */
  async close(): Promise<void> {}

  #insert(queue: QueueName, messages: readonly OutgoingMessage[]): void {
    const nowMs = this.#clock.now()
    const statement = this.#database.statement(
      'INSERT INTO messages (queue, visible_at, sent_at, body) VALUES (?, ?, ?, ?)',
    )
    for (const { body, delaySeconds = 0 } of messages) {
      statement.run(queue, nowMs + Math.round(delaySeconds * 1_000), nowMs, body)
    }
    this.#purge.run(nowMs, () => this.#deleteOld(nowMs))
  }

  async #take(queue: QueueName, how: Receive): Promise<Message[]> {
    const nextAtMs = await this.#findNextVisible(queue)
    // Without a write: an empty queue is looked at often.
    if (nextAtMs === undefined || nextAtMs > this.#clock.now()) return []
    const messages = await this.#database.write(call('receive'), () =>
      how.signal?.aborted === true ? [] : this.#takeNow(queue, how),
    )
    if (how.signal?.aborted !== true) return messages
    await this.handBack(
      queue,
      messages.map(({ receipt }) => receipt),
      0,
    )
    return []
  }

  #takeNow(queue: QueueName, { max, visibilitySeconds }: Receive): Message[] {
    const { newReceipt, maxReceives = MAX_RECEIVES } = this.#options
    const nowMs = this.#clock.now()
    const untilMs = nowMs + Math.round(visibilitySeconds * 1_000)
    return takeMessages(this.#database, { queue, max, nowMs, untilMs, maxReceives, newReceipt })
  }

  #findNextVisible(queue: QueueName): Promise<number | undefined> {
    const statement = 'SELECT min(visible_at) AS nextAtMs FROM messages WHERE queue = ?'
    return this.#database.read(call('receive'), () => {
      const found = this.#database.statement(statement).get(queue)?.['nextAtMs']
      return typeof found === 'number' ? found : undefined
    })
  }

  /** Until something was committed since `mark`, a hidden message is due, or the wait is over. */
  async #waitForNews(
    queue: QueueName,
    { mark, endMs, signal }: { mark: number; endMs: number; signal: AbortSignal | undefined },
  ): Promise<void> {
    const nextAtMs = (await this.#findNextVisible(queue)) ?? Number.POSITIVE_INFINITY
    const wake = new AbortController()
    const stop = (): void => wake.abort()
    const forget = this.#database.onCommit(stop)
    signal?.addEventListener('abort', stop, { once: true })
    if (signal?.aborted === true) stop()
    try {
      while (!wake.signal.aborted && this.#database.changeMark() === mark) {
        const leftMs = endMs - this.#clock.monotonicMs()
        if (leftMs <= 0 || nextAtMs <= this.#clock.now()) return
        await this.#clock.sleep(Math.min(POLL_MS, leftMs), wake.signal)
      }
    } finally {
      forget()
      signal?.removeEventListener('abort', stop)
    }
  }

  async #forEachReceipt(
    action: string,
    receipts: readonly string[],
    apply: (receipt: { id: number; receipt: string }) => void,
  ): Promise<void> {
    const parsed = receipts.map(parseReceipt)
    if (parsed.length === 0) return
    await this.#database.write(call(action), () => {
      for (const receipt of parsed) apply(receipt)
    })
  }

  /** Ids count up as messages are sent, so the oldest are the first. */
  #deleteOld(nowMs: number): number {
    const statement = `DELETE FROM messages
      WHERE id IN (SELECT id FROM messages ORDER BY id LIMIT ${PURGE_ROWS}) AND sent_at < ?`
    return Number(this.#database.statement(statement).run(nowMs - RETENTION_MS).changes)
  }
}

function call(action: string): Call {
  return { port: 'queues', action }
}

function checkOutgoing({ body, delaySeconds = 0 }: OutgoingMessage): void {
  checkSeconds('delaySeconds', delaySeconds, MAX_DELAY_SECONDS)
  checkRange('bytes of a message', Buffer.byteLength(body), { min: 1, max: MAX_BODY_BYTES })
}

/** @throws RangeError for seconds that SQS would not take; fractions are allowed here */
function checkSeconds(name: string, seconds: number, max: number): void {
  checkRange(name, Math.ceil(seconds), { min: 0, max })
}
