import type { Message, QueueName } from '../../ports/queues.ts'
import type { Database } from './database.ts'

export interface Take {
  readonly queue: QueueName
  readonly max: number
  readonly nowMs: number
  /** Until when the messages are hidden from others. */
  readonly untilMs: number
  readonly maxReceives: number
  readonly newReceipt: () => string
}

interface Candidate {
  readonly id: number
  readonly receive_count: number
}

// Word for word the order of the index `messages_by_visibility`, so that nothing is sorted.
const SELECT = `SELECT id, receive_count FROM messages
  WHERE queue = ? AND visible_at <= ? ORDER BY visible_at, receive_count, id LIMIT ?`
const BURY = `UPDATE messages SET queue = 'dead', receipt = NULL, visible_at = ? WHERE id = ?`
const HOLD = `UPDATE messages SET receipt = ?, visible_at = ?, receive_count = receive_count + 1
  WHERE id = ? RETURNING body, receive_count, sent_at`

/** Bounds the dead letters that one receive moves; the next receive goes on. */
const MAX_BURIAL_ROUNDS = 50

/**
 * Receives what is visible, the longest visible first, and moves what was received too often to
 * `dead`. Runs inside a write transaction.
 */
export function takeMessages(database: Database, take: Take): Message[] {
  let living = bury(database, take)
  for (let round = 1; living === 'again' && round < MAX_BURIAL_ROUNDS; round += 1) {
    living = bury(database, take)
  }
  return living === 'again' ? [] : living.map((id) => hold(database, id, take))
}

/** The messages to take, or `again` when dead letters were moved and others may stand behind them. */
function bury(database: Database, take: Take): number[] | 'again' {
  const { queue, max, nowMs, maxReceives } = take
  const found = database.statement(SELECT).all(queue, nowMs, max) as unknown as Candidate[]
  const isSpent = (one: Candidate): boolean => queue !== 'dead' && one.receive_count >= maxReceives
  const spent = found.filter(isSpent)
  for (const { id } of spent) database.statement(BURY).run(nowMs, id)
  return spent.length > 0 ? 'again' : found.map(({ id }) => id)
}

function hold(database: Database, id: number, { newReceipt, untilMs }: Take): Message {
  const receipt = newReceipt()
  const held = database.statement(HOLD).get(receipt, untilMs, id)
  const columns = held as { body: string; receive_count: number; sent_at: number }
  return {
    id: String(id),
    receipt: `${id}:${receipt}`,
    body: columns.body,
    receiveCount: columns.receive_count,
    sentAtMs: columns.sent_at,
  }
}

/** A receipt names its message, so that no index over receipts is needed. */
export function parseReceipt(text: string): { id: number; receipt: string } {
  const colon = text.indexOf(':')
  const id = Number(text.slice(0, colon))
  if (colon < 1 || !Number.isSafeInteger(id)) throw new RangeError('not a receipt of a message')
  return { id, receipt: text.slice(colon + 1) }
}
