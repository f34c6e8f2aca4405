import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openEmbedded } from '../../lib/adapters/open-embedded.ts'
import type { DecisionRecord } from '../../lib/scaling/decision.ts'
import { addRecord, readDecisions } from '../../lib/scaling/store/decision-history.ts'
import { NOON_MS } from '../support/a-job.ts'
import { FakeClock } from '../support/fake-clock.ts'

const MAX_BYTES = 200_000

let stores: ReturnType<typeof openEmbedded>
beforeEach(() => {
  stores = openEmbedded({
    stateDir: ':memory:',
    clock: new FakeClock(NOON_MS),
    links: { baseUrl: 'http://files.test', secret: 'link-secret' },
  })
})
afterEach(() => stores.close())

/** A decision whose replay, or whose own text, is as large as is said. */
function aRecord(atMs: number, { replayBytes = 0, ownBytes = 0 } = {}): DecisionRecord {
  const record = {
    atMs,
    wanted: atMs,
    reason: 'steady',
    desired: {},
    drains: [],
    versions: {},
    inputs: { workers: {}, unreported: 0, floor: 0, asked: {}, unseen: ['x'.repeat(ownBytes)] },
    cause: 'clock',
    count: 1,
    lastSeenAtMs: atMs,
    ...(replayBytes > 0 && { replay: 'x'.repeat(replayBytes) }),
  }
  return record as unknown as DecisionRecord
}

async function keep(records: readonly DecisionRecord[]): Promise<readonly DecisionRecord[]> {
  for (const record of records) await stores.table.write([await addRecord(stores.table, record)])
  return readDecisions(stores.table)
}

const bytesOf = (records: readonly DecisionRecord[]) =>
  records.reduce((sum, record) => sum + JSON.stringify(record).length, 0)

const times = (count: number) => Array.from({ length: count }, (_, index) => index + 1)

describe('the stored decisions', () => {
  test('are whole while they are small', async () => {
    const records = times(3).map((atMs) => aRecord(atMs, { replayBytes: 60_000 }))
    expect(await keep(records)).toEqual(records)
  })

  test('beyond 200 KB lose what makes them again, the oldest first, and none is lost', async () => {
    const kept = await keep(times(5).map((atMs) => aRecord(atMs, { replayBytes: 60_000 })))
    expect(kept.map(({ atMs }) => atMs)).toEqual([1, 2, 3, 4, 5])
    expect(kept.map(({ replay }) => replay !== undefined)).toEqual([false, false, true, true, true])
    expect(bytesOf(kept)).toBeLessThanOrEqual(MAX_BYTES)
  })

  test('that are too large without it go, the oldest first', async () => {
    const kept = await keep(
      times(5).map((atMs) => aRecord(atMs, { ownBytes: 60_000, replayBytes: 10 })),
    )
    expect(kept.map(({ atMs }) => atMs)).toEqual([3, 4, 5])
    expect(kept.some(({ replay }) => replay !== undefined)).toBe(false)
  })

  test('always have the newest, however large it is', async () => {
    const kept = await keep([aRecord(1), aRecord(2, { ownBytes: 250_000, replayBytes: 10 })])
    expect(kept.map(({ atMs }) => atMs)).toEqual([2])
  })

  test('are the last fifty', async () => {
    const kept = await keep(times(52).map((atMs) => aRecord(atMs)))
    expect(kept.map(({ atMs }) => atMs)).toEqual(times(52).slice(2))
  })
})
