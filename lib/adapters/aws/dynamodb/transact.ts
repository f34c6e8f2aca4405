import {
  type CancellationReason,
  TransactionCanceledException,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb'
import type { Write, WriteOutcome } from '../../../ports/table.ts'
import { pauses } from '../bounded.ts'
import { batchGet, nameOfKey } from './batch-get.ts'
import { revOf } from './table-item.ts'
import {
  type DefiniteWrite,
  MAX_CONFLICT_TRIES,
  nextRev,
  standingRev,
  toTransactItem,
  type WriteContext,
} from './table-writes.ts'

/** Reasons that say nothing about the conditions. Source: TransactWriteItems, CancellationReasons. */
const PASSING_REASONS = new Set([
  'TransactionConflict',
  'ThrottlingError',
  'ProvisionedThroughputExceeded',
])

/**
 * All rows or none. A transaction answers no revisions, and they must be right: so a write with the
 * expectation `any` is made against the revision that was just read, and repeated where that changed.
 */
export async function transact(
  context: WriteContext,
  writes: readonly Write[],
): Promise<WriteOutcome> {
  const pause = pauses(context.signal)
  for (let round = 1; round <= MAX_CONFLICT_TRIES; round += 1) {
    if (round > 1) await pause()
    const definite = await readRevs(context, writes)
    const refused = await writeOnce(context, definite)
    if (refused.length === 0) return { ok: true, revs: definite.map(revAfter) }
    const firm = refused.flatMap((index) => {
      const write = writes[index]
      return write === undefined || write.expect === 'any' ? [] : [write.key]
    })
    if (firm.length > 0) return { ok: false, refused: firm }
  }
  throw new Error(`the rows changed ${MAX_CONFLICT_TRIES} times while they were being written`)
}

/** Gives each write without an expectation the revision that stands. */
async function readRevs(context: WriteContext, writes: readonly Write[]): Promise<DefiniteWrite[]> {
  const open = writes.filter((write) => write.expect === 'any')
  const keys = open.map((write) => write.key)
  const standing = keys.length === 0 ? new Map() : await batchGet(context, keys)
  return writes.map((write) => {
    if (write.expect !== 'any') return { ...write, expect: write.expect }
    const item = standing.get(nameOfKey(write.key))
    return { ...write, expect: item === undefined ? 'absent' : { rev: revOf(item) } }
  })
}

function revAfter(write: DefiniteWrite): number {
  return write.kind === 'put' ? nextRev(write.expect) : standingRev(write.expect)
}

/**
 * The places of the writes whose condition did not hold; none when the transaction took place. The
 * token of the transaction makes repeats of it, for ten minutes, answer like the first.
 */
async function writeOnce(
  { client, tableName, newToken, signal }: WriteContext,
  writes: readonly DefiniteWrite[],
): Promise<number[]> {
  const token = newToken()
  const command = new TransactWriteItemsCommand({
    TransactItems: writes.map((write) => toTransactItem(write, { tableName, token })),
    ClientRequestToken: token,
  })
  const pause = pauses(signal)
  for (let round = 1; ; round += 1) {
    try {
      await client.send(command, { abortSignal: signal })
      return []
    } catch (error) {
      if (!(error instanceof TransactionCanceledException)) throw error
      const reasons = error.CancellationReasons ?? []
      if (reasons.some((reason) => reason.Item?.['token']?.S === token)) return []
      const refused = placesOfRefusals(reasons)
      if (refused.length > 0) return refused
      if (!isPassing(reasons) || round >= MAX_CONFLICT_TRIES) throw toFault(error, reasons)
    }
    await pause()
  }
}

function placesOfRefusals(reasons: readonly CancellationReason[]): number[] {
  return reasons.flatMap(({ Code }, index) => (Code === 'ConditionalCheckFailed' ? [index] : []))
}

function isPassing(reasons: readonly CancellationReason[]): boolean {
  return reasons.some(({ Code }) => Code !== undefined && PASSING_REASONS.has(Code))
}

function toFault(error: Error, reasons: readonly CancellationReason[]): Error {
  const wrong = reasons.find(({ Code }) => Code === 'ValidationError')
  return wrong === undefined
    ? error
    : new RangeError(wrong.Message ?? error.message, { cause: error })
}
