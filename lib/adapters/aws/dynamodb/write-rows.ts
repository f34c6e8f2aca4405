import {
  ConditionalCheckFailedException,
  DeleteItemCommand,
  PutItemCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb'
import type { DeleteRow, PutRow, Write, WriteOutcome } from '../../../ports/table.ts'
import { nameOf, pauses } from '../bounded.ts'
import { type Item, revOf } from './table-item.ts'
import {
  type Definite,
  MAX_CONFLICT_TRIES,
  nextRev,
  toBlindPut,
  toPlainDelete,
  toPut,
  type WriteContext,
} from './table-writes.ts'
import { transact } from './transact.ts'

/**
 * One row by a write of its own, several by a transaction. A conditional delete is a transaction
 * too: it leaves no token in the row, and only the transaction's own token tells its repeat from
 * somebody else's delete.
 */
export async function writeRows(
  context: WriteContext,
  writes: readonly Write[],
): Promise<WriteOutcome> {
  const [first, ...more] = writes
  if (first === undefined || more.length > 0) return transact(context, writes)
  if (first.kind === 'put') return putRow(context, first)
  return first.expect === 'any' ? deleteRow(context, first) : transact(context, writes)
}

async function deleteRow(
  { client, tableName, signal }: WriteContext,
  row: DeleteRow,
): Promise<WriteOutcome> {
  const command = new DeleteItemCommand(toPlainDelete(row, tableName))
  const { Attributes } = await retryOnConflict(signal, () =>
    client.send(command, { abortSignal: signal }),
  )
  return { ok: true, revs: [Attributes === undefined ? 0 : revOf(Attributes)] }
}

async function putRow(context: WriteContext, put: PutRow): Promise<WriteOutcome> {
  const token = context.newToken()
  let sent = 0
  try {
    const rev = await retryOnConflict(context.signal, () => {
      sent += 1
      return put.expect === 'any'
        ? sendBlindPut(context, put, token)
        : sendPut(context, { put, expect: put.expect, token })
    })
    return { ok: true, revs: [rev] }
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error
    const standing: Item = error.Item ?? {}
    if (standing['token']?.S === token) return { ok: true, revs: [revOf(standing)] }
    const isRepeat = sent > 1 || (error.$metadata.attempts ?? 1) > 1
    if (isRepeat && mayBeReplaced(put.expect, standing)) {
      throw new Error('the row changed after a try of this write that had no answer', {
        cause: error,
      })
    }
    return { ok: false, refused: [put.key] }
  }
}

/**
 * Whether an earlier try of a put may have been written and then replaced by another write: its
 * token is gone then. A row that is only one revision further was written by another write alone.
 */
function mayBeReplaced(expect: PutRow['expect'], standing: Item): boolean {
  return expect !== 'any' && revOf(standing) !== nextRev(expect)
}

interface DefinitePut {
  readonly put: PutRow
  readonly expect: Definite
  readonly token: string
}

async function sendPut(
  { client, tableName, signal }: WriteContext,
  { put, expect, token }: DefinitePut,
): Promise<number> {
  const command = new PutItemCommand(toPut(put, expect, { tableName, token }))
  await client.send(command, { abortSignal: signal })
  return nextRev(expect)
}

async function sendBlindPut(
  { client, tableName, signal }: WriteContext,
  put: PutRow,
  token: string,
): Promise<number> {
  const command = new UpdateItemCommand(toBlindPut(put, { tableName, token }))
  const { Attributes } = await client.send(command, { abortSignal: signal })
  return revOf(Attributes ?? {})
}

/** Repeats a single write that a transaction on the same row turned away. */
async function retryOnConflict<T>(signal: AbortSignal, write: () => Promise<T>): Promise<T> {
  const pause = pauses(signal)
  for (let round = 1; ; round += 1) {
    try {
      return await write()
    } catch (error) {
      const busy = nameOf(error) === 'TransactionConflictException'
      if (!busy || round >= MAX_CONFLICT_TRIES) throw error
      await pause()
    }
  }
}
