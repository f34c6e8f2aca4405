import { randomUUID } from 'node:crypto'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { CallLimits } from '../../../../lib/adapters/aws/aws-settings.ts'
import { DynamoTable } from '../../../../lib/adapters/aws/dynamodb/dynamo-table.ts'
import type { RowKey } from '../../../../lib/job/keys.ts'
import { PortUnavailable } from '../../../../lib/ports/port-unavailable.ts'
import type { PutRow, Table } from '../../../../lib/ports/table.ts'
import { hasEmulators } from '../../../adapters/aws/emulator.ts'
import { uniqueName } from '../../../contracts/define-contract.ts'
import {
  partialBatchRead,
  shortPage,
  transactionBusy,
  transactionUnderWay,
} from '../../../../tools/faults/aws/dynamo-faults.ts'
import type { Fault } from '../../../../tools/faults/aws/fault.ts'
import type { PlannedFault } from '../../../../tools/faults/aws/fault-plan.ts'
import {
  type AwsStand,
  type FaultyWay,
  openAwsStand,
} from '../../../../tools/faults/aws/open-aws-stand.ts'
import { throttled } from '../../../../tools/faults/aws/service-errors.ts'
import { always, makeStorm } from '../../../../tools/faults/aws/storms.ts'
import { answerLost } from '../../../../tools/faults/aws/transport-faults.ts'

const SEED = 41
/** Short, so that a call which is given up costs the test little. */
const LIMITS: CallLimits = { tryMs: 300, callMs: 1500, maxTries: 4 }
const WRITERS = 4
const WRITES = 15

describe.skipIf(!hasEmulators)('the table, while its calls fail in every way', () => {
  let stand: AwsStand
  let way: FaultyWay
  let table: DynamoTable
  let truth: DynamoTable

  beforeAll(async () => {
    stand = await openAwsStand()
    truth = new DynamoTable({ settings: stand.direct, newToken: () => randomUUID() })
  })
  afterAll(async () => {
    await truth?.close()
    await stand?.close()
  })
  afterEach(() => table.close())

  async function openTable(faults: PlannedFault[]): Promise<void> {
    way = await stand.behind(SEED, faults)
    const settings = { ...way.settings, limits: { table: LIMITS } }
    table = new DynamoTable({ settings, newToken: () => randomUUID() })
  }

  test('a write counts once, whatever becomes of its answer', async () => {
    await openTable(makeStorm(Date.now))
    const key = { pk: uniqueName('counter'), sk: 'state' }
    const written = { ok: 0, unknown: 0 }
    await Promise.all(
      Array.from({ length: WRITERS }, async () => {
        for (let count = 0; count < WRITES; count += 1) await countUp(table, key, written)
      }),
    )
    const row = await truth.get(key)
    expect(written.ok).toBeGreaterThan(WRITES)
    expect(row?.rev).toBeGreaterThanOrEqual(written.ok)
    expect(row?.rev).toBeLessThanOrEqual(written.ok + written.unknown)
    expect(row?.data['count']).toBe(row?.rev)
    expect(way.proxy.counts.size).toBeGreaterThan(3)
  })

  test('a write that was replaced before its repeat is not said to be refused', async () => {
    const key = { pk: uniqueName('replaced'), sk: 'state' }
    let isFirst = true
    const replaced: Fault = {
      ...answerLost,
      hits: ({ action }) => action === 'PutItem',
      answer: async (_call, { pass }) => {
        const passed = await pass()
        if (!isFirst) return { untouched: passed }
        isFirst = false
        await truth.write([{ ...put(key), expect: 'any' }])
        return 'drop'
      },
    }
    await openTable(always(replaced))
    await expect(table.write([put(key)])).rejects.toBeInstanceOf(PortUnavailable)
    expect((await truth.get(key))?.rev).toBe(2)
    // Nothing was lost on the way this time: refused, and certainly so.
    expect(await table.write([put(key)])).toEqual({ ok: false, refused: [key] })
  })

  test('rows that are written together stand together or not at all', async () => {
    await openTable([...always(transactionUnderWay), ...makeStorm(Date.now)])
    const pairs = Array.from({ length: 12 }, (_, at) => {
      const pk = uniqueName(`pair-${at}`)
      return [put({ pk, sk: 'one' }), put({ pk, sk: 'two' })] as const
    })
    const outcomes = await Promise.allSettled(pairs.map((pair) => table.write(pair)))
    for (const [at, pair] of pairs.entries()) {
      const standing = await truth.getMany(pair.map(({ key }) => key))
      const outcome = outcomes[at]
      const isKnown = outcome?.status === 'fulfilled'
      expect(isKnown ? [2] : [0, 2]).toContain(standing.length)
      if (isKnown) expect(outcome.value).toEqual({ ok: true, revs: [1, 1] })
    }
  })

  test('a transaction that conflicts or is throttled is repeated until it goes through', async () => {
    await openTable([{ fault: transactionBusy, share: 0.6 }])
    const pk = uniqueName('busy')
    const pair = [put({ pk, sk: 'one' }), put({ pk, sk: 'two' })]
    expect(await table.write(pair)).toEqual({ ok: true, revs: [1, 1] })
    expect(await table.write(pair)).toEqual({ ok: false, refused: pair.map(({ key }) => key) })
  })

  test('batch reads in part, throttled or cut give every row or are an error, never fewer', async () => {
    await openTable([])
    const pk = uniqueName('many')
    const keys = Array.from({ length: 20 }, (_, at) => ({ pk, sk: String(100 + at) }))
    await table.write(keys.map(put))
    await table.close()
    await openTable([{ fault: partialBatchRead, share: 0.5 }, ...makeStorm(Date.now)])
    const seen = { whole: 0, error: 0 }
    for (let round = 0; round < 4; round += 1) {
      try {
        expect((await table.getMany(keys)).map(({ key }) => key)).toEqual(keys)
        seen.whole += 1
      } catch (error) {
        expect(error).toBeInstanceOf(PortUnavailable)
        seen.error += 1
      }
    }
    expect(seen.whole).toBeGreaterThan(0)
    expect(way.proxy.counts.get(partialBatchRead.kind)).toBeGreaterThan(1)
  })

  test('a batch read that DynamoDB never takes up is an error', async () => {
    await openTable(always(partialBatchRead))
    const keys = Array.from({ length: 60 }, (_, at) => ({ pk: 'never', sk: String(at) }))
    await expect(table.getMany(keys)).rejects.toBeInstanceOf(PortUnavailable)
  })

  test('a list whose pages end early is whole, and in order', async () => {
    await openTable(always(shortPage))
    const pk = uniqueName('listed')
    const keys = Array.from({ length: 20 }, (_, at) => ({ pk, sk: String(100 + at) }))
    await table.write(keys.map(put))
    const first = await table.list(pk, { limit: 12 })
    const rest = await table.list(pk, { limit: 12, after: first.next ?? '' })
    expect([...first.rows, ...rest.rows].map(({ key }) => key)).toEqual(keys)
    expect(rest.next).toBeUndefined()
    expect(way.proxy.counts.get(shortPage.kind)).toBeGreaterThan(5)
  })

  test('a write that is throttled to the end or never answered is an error, and is told apart', async () => {
    await openTable(always(throttled))
    const key = { pk: uniqueName('throttled'), sk: 'state' }
    await expect(table.write([put(key)])).rejects.toBeInstanceOf(PortUnavailable)
    expect(await truth.get(key)).toBeUndefined()
    await table.close()
    await openTable(always(answerLost))
    await expect(table.write([put(key)])).rejects.toBeInstanceOf(PortUnavailable)
    expect((await truth.get(key))?.rev).toBe(1)
  })
})

function put(key: RowKey): PutRow {
  return { kind: 'put', key, data: { a: 1 }, expect: 'absent' }
}

/** One more, on the condition of what stands; a refused or unanswered write is not repeated. */
async function countUp(
  table: Table,
  key: RowKey,
  written: { ok: number; unknown: number },
): Promise<void> {
  const row = await table.get(key).catch(() => 'unknown' as const)
  if (row === 'unknown') return
  const count = Number(row?.data['count'] ?? 0) + 1
  const expectation = row === undefined ? 'absent' : { rev: row.rev }
  try {
    const outcome = await table.write([{ kind: 'put', key, data: { count }, expect: expectation }])
    if (outcome.ok) written.ok += 1
  } catch (error) {
    if (!(error instanceof PortUnavailable)) throw error
    written.unknown += 1
  }
}
