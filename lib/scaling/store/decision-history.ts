import { scalerKey } from '../../job/keys.ts'
import type { Decision, DecisionRecord, LastDecision } from '../decision.ts'
import { toRowData } from '../../job/store/row-data.ts'
import { isFields, isNumber, isObjectOf, isOptional, isText } from '../../parsing/checks.ts'
import type { PutRow, Table } from '../../ports/table.ts'

const RECORDS_KEPT = 50
/** Of the row that is written here; see lib/parsing/stored-row.ts. */
const FORMAT = 1
/** DynamoDB limits a row to 400 KB; old records lose their `replay` first. */
const MAX_HISTORY_BYTES = 200_000

/** Only a decision with a new signature is recorded. A renewed drain order does not change it. */
export function signatureOf({
  wanted,
  reason,
  desired,
  place,
  drains,
  stops = [],
  versions,
}: Decision): string {
  const news = drains
    .filter(({ kind }) => kind !== 'renew')
    .map(({ workerId, kind }) => [workerId, kind])
  const stopped = stops.map(({ workerId }) => workerId)
  const counts = [desired.a, desired.b]
  return JSON.stringify([wanted, reason, ...counts, place, news, stopped, versions.waiting])
}

/** The write that adds a record; it belongs in the transaction that takes the lock. */
export async function addRecord(table: Table, record: DecisionRecord): Promise<PutRow> {
  const records = await readRecords(table)
  const kept = trim([...records, record].slice(-RECORDS_KEPT))
  const data = toRowData(FORMAT, { decisions: kept })
  return { kind: 'put', key: scalerKey('decisions'), data, expect: 'any' }
}

/**
 * Newest last. The last one says how often and until when looks have come to it since, and has the
 * inputs of the latest of them: the same decision stands for hours while its inputs change.
 */
export async function readDecisions(table: Table): Promise<readonly DecisionRecord[]> {
  const [records, memory] = await Promise.all([readRecords(table), table.get(scalerKey('memory'))])
  const newest = records.at(-1)
  const last = upcastLast(memory?.data['last'])
  if (newest === undefined || last === undefined) return records
  if (last.signature !== signatureOf(newest)) return records
  const { count, lastSeenAtMs, inputs = newest.inputs } = last
  return [...records.slice(0, -1), { ...newest, count, lastSeenAtMs, inputs }]
}

async function readRecords(table: Table): Promise<readonly DecisionRecord[]> {
  const row = await table.get(scalerKey('decisions'))
  const records = row?.data['decisions']
  if (!Array.isArray(records)) return []
  const isOld = row?.data['format'] === undefined
  return (isOld ? records.map(upcastRecord) : records).filter(isRecord)
}

const isInputs = isObjectOf({
  workers: isFields,
  floor: isNumber,
  asked: isFields,
  unseen: Array.isArray,
})
const RECORD = isObjectOf({
  atMs: isNumber,
  wanted: isNumber,
  reason: isText,
  desired: isFields,
  drains: Array.isArray,
  versions: isFields,
  inputs: isInputs,
  count: isNumber,
  lastSeenAtMs: isNumber,
})

/** History is for people to read: a record that cannot be read is left out. */
function isRecord(value: unknown): value is DecisionRecord {
  return RECORD(value)
}

function isLast(value: unknown): value is LastDecision {
  return isObjectOf({
    signature: isText,
    count: isNumber,
    lastSeenAtMs: isNumber,
    inputs: isOptional(isInputs),
  })(value)
}

/** The `last` of the scaler's row; nothing where it cannot be read. */
export function upcastLast(last: unknown): LastDecision | undefined {
  if (!isFields(last)) return undefined
  const { inputs } = last
  const upcast = { ...last, ...(inputs !== undefined && { inputs: upcastInputs(inputs) }) }
  return isLast(upcast) ? upcast : undefined
}

/** Records of format 0 name demands and policy otherwise: without `replay` they can still be read. */
function upcastRecord(record: unknown): unknown {
  if (!isFields(record)) return record
  const { replay: _replay, ...bare } = record
  return { ...bare, inputs: upcastInputs(record['inputs']) }
}

const OLD_NAMES = { avgWaitingLength: 'avg_waiting_length', targetWait: 'target_wait_seconds' }

function upcastInputs(inputs: unknown): unknown {
  if (!isFields(inputs) || !isFields(inputs['asked'])) return inputs
  const { asked } = inputs
  if (!Object.keys(OLD_NAMES).some((name) => name in asked)) return inputs
  const renamed = Object.entries(OLD_NAMES)
    .filter(([old]) => old in asked)
    .map(([old, now]) => [now, asked[old]])
  return { ...inputs, asked: Object.fromEntries(renamed) }
}

/** Drops replays, oldest first, until the row is small enough; then whole records. */
function trim(records: readonly DecisionRecord[]): readonly DecisionRecord[] {
  const sizes = records.map((record) => JSON.stringify(record).length)
  let bytes = sizes.reduce((sum, size) => sum + size, 0)
  const kept = records.map((record, index) => {
    if (bytes <= MAX_HISTORY_BYTES || record.replay === undefined) return record
    const { replay: _replay, ...bare } = record
    bytes -= (sizes[index] ?? 0) - JSON.stringify(bare).length
    return bare
  })
  while (bytes > MAX_HISTORY_BYTES && kept.length > 1) {
    bytes -= JSON.stringify(kept.shift()).length
  }
  return kept
}
