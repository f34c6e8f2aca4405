import { scalerKey } from '../../job/keys.ts'
import type { Decision, DecisionRecord, LastDecision } from '../decision.ts'
import type { JsonObject } from '../../ports/json.ts'
import type { PutRow, Table } from '../../ports/table.ts'

const RECORDS_KEPT = 50
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
  const data = { decisions: kept } as unknown as JsonObject
  return { kind: 'put', key: scalerKey('decisions'), data, expect: 'any' }
}

/**
 * Newest last. The last one says how often and until when looks have come to it since, and has the
 * inputs of the latest of them: the same decision stands for hours while its inputs change.
 */
export async function readDecisions(table: Table): Promise<readonly DecisionRecord[]> {
  const [records, memory] = await Promise.all([readRecords(table), table.get(scalerKey('memory'))])
  const newest = records.at(-1)
  const { last } = (memory?.data ?? {}) as unknown as { readonly last?: LastDecision }
  if (newest === undefined || last === undefined) return records
  if (last.signature !== signatureOf(newest)) return records
  const { count, lastSeenAtMs, inputs = newest.inputs } = last
  return [...records.slice(0, -1), { ...newest, count, lastSeenAtMs, inputs }]
}

async function readRecords(table: Table): Promise<readonly DecisionRecord[]> {
  const row = await table.get(scalerKey('decisions'))
  return (row?.data as { decisions?: readonly DecisionRecord[] } | undefined)?.decisions ?? []
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
