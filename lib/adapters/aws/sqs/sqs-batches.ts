import type { BatchResultErrorEntry } from '@aws-sdk/client-sqs'
import { pauses } from '../bounded.ts'

/** SQS: entries of one batch call, and bytes of one message or batch. */
const MAX_ENTRIES = 10
const MAX_BATCH_BYTES = 1_048_576

const MAX_ROUNDS = 5

/**
 * Splits in order, so that a batch has at most ten entries and 1 MiB.
 *
 * @throws RangeError when one entry alone is larger
 */
export function toBatches<T>(entries: readonly T[], bytesOf: (entry: T) => number): T[][] {
  const batches: T[][] = []
  let batch: T[] = []
  let batchBytes = 0
  for (const entry of entries) {
    const bytes = bytesOf(entry)
    if (bytes > MAX_BATCH_BYTES) throw new RangeError(`a message of ${bytes} bytes; at most 1 MiB`)
    if (batch.length === MAX_ENTRIES || batchBytes + bytes > MAX_BATCH_BYTES) {
      batches.push(batch)
      batch = []
      batchBytes = 0
    }
    batch.push(entry)
    batchBytes += bytes
  }
  if (batch.length > 0) batches.push(batch)
  return batches
}

interface BatchCall<T> {
  /** Sends the entries; the id of an entry is its place as text. */
  readonly send: (entries: readonly T[]) => Promise<{
    readonly Failed?: readonly BatchResultErrorEntry[] | undefined
  }>
  /** Failures that are as good as success, such as a receipt that has lapsed. */
  readonly forgives: (failure: BatchResultErrorEntry) => boolean
  readonly signal: AbortSignal
}

/**
 * Repeats a batch for the entries that SQS could not take, a bounded number of times. A batch call
 * answers 200 even when every entry failed.
 */
export async function sendBatch<T>(entries: readonly T[], call: BatchCall<T>): Promise<void> {
  const pause = pauses(call.signal)
  let open = entries
  for (let round = 1; ; round += 1) {
    const { Failed = [] } = await call.send(open)
    const failures = Failed.filter((failure) => !call.forgives(failure))
    const [first] = failures
    if (first === undefined) return
    const text = `${first.Code}: ${first.Message ?? 'no message'}`
    if (failures.some(({ SenderFault }) => SenderFault === true)) throw new RangeError(text)
    if (round >= MAX_ROUNDS) throw new Error(`${failures.length} entries failed: ${text}`)
    const places = new Set(failures.map(({ Id }) => Id))
    open = open.filter((_, place) => places.has(String(place)))
    await pause()
  }
}

const LAPSED_CODES = new Set([
  'InvalidParameterValue',
  'MessageNotInflight',
  'AWS.SimpleQueueService.MessageNotInflight',
  'ReceiptHandleIsInvalid',
])

/**
 * Whether an entry failed because its receipt is no longer good: the message was deleted, is back
 * in the queue, or reached its 12 hours. SQS names an expired receipt, and a visibility that would
 * reach beyond the 12 hours, `InvalidParameterValue`.
 */
export function isLapsedReceipt({ Code }: BatchResultErrorEntry): boolean {
  return Code !== undefined && LAPSED_CODES.has(Code)
}
