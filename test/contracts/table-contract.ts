import { expect } from 'vitest'
import type { IndexEntry, RowKey } from '../../lib/job/keys.ts'
import type { JsonObject } from '../../lib/ports/json.ts'
import type { Expectation, PutRow, Row, Table, WriteOutcome } from '../../lib/ports/table.ts'
import {
  type ContractOptions,
  defineContract,
  type OpenedPort,
  uniqueName,
} from './define-contract.ts'
import { INDEX_PROMISES } from './table-index-promises.ts'

/** What every table promises (`lib/ports/table.ts`). */
export function defineTableContract(
  name: string,
  make: () => Promise<OpenedPort<Table>>,
  options?: ContractOptions,
): void {
  const promises = { ...ROW_PROMISES, ...WRITE_PROMISES, ...RACE_PROMISES, ...INDEX_PROMISES }
  defineContract({ name: 'table', adapter: name, make, options, promises })
}

function newKey(): RowKey {
  return { pk: uniqueName('row'), sk: 'state' }
}

interface PutMore {
  readonly data?: JsonObject
  readonly expect?: Expectation
  readonly indexes?: readonly IndexEntry[]
  readonly expiresAtMs?: number
}

function put(key: RowKey, more: PutMore = {}): PutRow {
  return { kind: 'put', key, data: {}, expect: 'any', ...more }
}

function revOf(outcome: WriteOutcome): number {
  if (!outcome.ok || outcome.revs[0] === undefined) throw new Error('the write was refused')
  return outcome.revs[0]
}

async function putMany(table: Table, keys: readonly RowKey[]): Promise<void> {
  for (let from = 0; from < keys.length; from += 100) {
    await table.write(keys.slice(from, from + 100).map((key) => put(key)))
  }
}

/** All rows of one `pk`, page by page. */
async function listAll(
  table: Table,
  pk: string,
  limit: number,
  newestFirst = false,
): Promise<Row[]> {
  const rows: Row[] = []
  let after: string | undefined
  do {
    const page = await table.list(pk, { limit, newestFirst, ...(after !== undefined && { after }) })
    expect(page.rows.length).toBeLessThanOrEqual(limit)
    rows.push(...page.rows)
    after = page.next
  } while (after !== undefined)
  return rows
}

const ODD_DATA: JsonObject = {
  text: 'naïve 東京 🚂 "quoted" \\ \n\t\u0000\u001f </script> \u2028',
  empty: '',
  'key with spaces and ünïcode': true,
  number: 12_345.678_9,
  negative: -0.25,
  zero: 0,
  big: 9_007_199_254_740_991,
  tiny: 1e-30,
  nothing: null,
  list: [1, 'two', [], {}, [null, [false]]],
  nested: { a: { b: { c: { d: [] } } } },
  nul: { S: 'looks like a DynamoDB type', N: '1' },
}

const ROW_PROMISES = {
  'a row that was never written is absent': async (table: Table) => {
    const key = newKey()
    expect(await table.get(key)).toBeUndefined()
    expect(await table.getMany([key])).toEqual([])
    expect(await table.list(key.pk, { limit: 10 })).toEqual({ rows: [] })
  },

  'a row reads back as it was written, whatever JSON it holds': async (table: Table) => {
    const key = { pk: uniqueName('ключ "1" #%/\\'), sk: 'häß 🚂' }
    const rev = revOf(await table.write([put(key, { data: ODD_DATA })]))
    const row = { key, rev, data: ODD_DATA }
    expect(await table.get(key)).toEqual(row)
    expect(await table.getMany([key])).toEqual([row])
    expect(await table.list(key.pk, { limit: 10 })).toEqual({ rows: [row] })
  },

  'a row may hold 300 KB': async (table: Table) => {
    const key = newKey()
    const data = { text: 'x'.repeat(300_000) }
    await table.write([put(key, { data })])
    expect((await table.get(key))?.data).toEqual(data)
  },

  'the revision counts up with every write of the row': async (table: Table) => {
    const key = newKey()
    let last = 0
    for (let write = 0; write < 3; write += 1) {
      const rev = revOf(await table.write([put(key, { data: { write } })]))
      expect(rev).toBeGreaterThan(last)
      expect(await table.get(key)).toEqual({ key, rev, data: { write } })
      last = rev
    }
  },

  'many rows are read in the order asked for, without the absent ones': async (table: Table) => {
    const pk = uniqueName('many')
    const keys = Array.from({ length: 99 }, (_, at) => ({ pk, sk: String(at) })).toReversed()
    await putMany(table, keys)
    const rows = await table.getMany([...keys.slice(0, 50), { pk, sk: 'no' }, ...keys.slice(50)])
    expect(rows.map(({ key }) => key)).toEqual(keys)
  },

  'a list holds the rows of one pk in the order of UTF-8 text': async (table: Table) => {
    const pk = uniqueName('list')
    // In UTF-16 the train (a surrogate pair) would come before the full-width tilde.
    const sorted = ['', '!', '1', '10', '2', 'A', 'B', 'a', 'a!', 'ab', 'é', '～', '🚂'].slice(1)
    const shuffled = sorted.toSorted(
      (one, other) => one.length - other.length || (one < other ? 1 : -1),
    )
    await putMany(
      table,
      shuffled.map((sk) => ({ pk, sk })),
    )
    await putMany(table, [{ pk: `${pk}!`, sk: '1' }])
    const rows = await listAll(table, pk, 1_000)
    expect(rows.map(({ key }) => key)).toEqual(sorted.map((sk) => ({ pk, sk })))
  },

  'pages of a list, in both directions, bring every row once': async (table: Table) => {
    const pk = uniqueName('pages')
    const keys = Array.from({ length: 12 }, (_, at) => ({ pk, sk: String(at).padStart(3, '0') }))
    await putMany(table, keys)
    for (const limit of [1, 5, 6, 12, 13]) {
      expect((await listAll(table, pk, limit)).map(({ key }) => key)).toEqual(keys)
      const newestFirst = await listAll(table, pk, limit, true)
      expect(newestFirst.map(({ key }) => key)).toEqual(keys.toReversed())
    }
  },

  'a list shows a write as soon as it has answered': async (table: Table) => {
    const pk = uniqueName('fresh')
    for (let at = 0; at < 10; at += 1) {
      await table.write([put({ pk, sk: String(at) })])
      expect((await table.list(pk, { limit: 100 })).rows).toHaveLength(at + 1)
    }
  },

  'a row stays before its time to live is over': async (table: Table) => {
    const key = newKey()
    await table.write([put(key, { expiresAtMs: Date.now() + 3_600_000 })])
    await table.write([put(newKey())])
    expect(await table.get(key)).toBeDefined()
  },
}

const WRITE_PROMISES = {
  'a write that expects absence is refused where the row stands': async (table: Table) => {
    const key = newKey()
    const first = await table.write([put(key, { data: { by: 1 }, expect: 'absent' })])
    const second = await table.write([put(key, { data: { by: 2 }, expect: 'absent' })])
    expect(second).toEqual({ ok: false, refused: [key] })
    expect(await table.get(key)).toEqual({ key, rev: revOf(first), data: { by: 1 } })
  },

  'a write that expects a revision is refused by any other and by absence': async (
    table: Table,
  ) => {
    const key = newKey()
    const refused = { ok: false, refused: [key] }
    expect(await table.write([put(key, { expect: { rev: 1 } })])).toEqual(refused)
    expect(await table.get(key)).toBeUndefined()
    const rev = revOf(await table.write([put(key)]))
    expect(await table.write([put(key, { expect: { rev: rev + 1 } })])).toEqual(refused)
    const next = revOf(await table.write([put(key, { expect: { rev } })]))
    expect(await table.write([put(key, { expect: { rev } })])).toEqual(refused)
    expect((await table.get(key))?.rev).toBe(next)
  },

  'a row is deleted only in the revision expected': async (table: Table) => {
    const key = newKey()
    const rev = revOf(await table.write([put(key)]))
    const wrong = await table.write([{ kind: 'delete', key, expect: { rev: rev + 1 } }])
    expect(wrong).toEqual({ ok: false, refused: [key] })
    expect(await table.get(key)).toBeDefined()
    expect((await table.write([{ kind: 'delete', key, expect: { rev } }])).ok).toBe(true)
    expect(await table.get(key)).toBeUndefined()
    const again = await table.write([{ kind: 'delete', key, expect: { rev } }])
    expect(again).toEqual({ ok: false, refused: [key] })
  },

  'deleting whatever stands is no error where nothing stands': async (table: Table) => {
    const outcome = await table.write([{ kind: 'delete', key: newKey(), expect: 'any' }])
    expect(outcome.ok).toBe(true)
  },

  'a row that was deleted may be created again': async (table: Table) => {
    const key = newKey()
    await table.write([put(key)])
    await table.write([{ kind: 'delete', key, expect: 'any' }])
    expect((await table.write([put(key, { expect: 'absent' })])).ok).toBe(true)
  },

  'one refusal among several writes stops all and names the refused rows': async (table: Table) => {
    const [standing, gone, fresh, other] = [newKey(), newKey(), newKey(), newKey()]
    await table.write([put(standing, { data: { before: true } })])
    const outcome = await table.write([
      put(fresh, { expect: 'absent' }),
      put(standing, { expect: 'absent' }),
      put(gone, { expect: { rev: 1 } }),
      { kind: 'delete', key: other, expect: 'any' },
    ])
    expect(outcome).toEqual({ ok: false, refused: [standing, gone] })
    expect((await table.get(standing))?.data).toEqual({ before: true })
    expect(await table.getMany([fresh, gone])).toEqual([])
  },

  'several writes happen together and answer their revisions in order': async (table: Table) => {
    const [first, second, third] = [newKey(), newKey(), newKey()]
    await table.write([put(second)])
    const rev = revOf(await table.write([put(third)]))
    const outcome = await table.write([
      put(first, { expect: 'absent' }),
      put(second),
      { kind: 'delete', key: third, expect: { rev } },
    ])
    const rows = await table.getMany([first, second, third])
    expect(rows.map(({ key }) => key)).toEqual([first, second])
    expect(outcome.ok && outcome.revs.slice(0, 2)).toEqual(rows.map((row) => row.rev))
  },

  'one write takes 100 rows and not more': async (table: Table) => {
    const pk = uniqueName('hundred')
    const writes = Array.from({ length: 101 }, (_, at) => put({ pk, sk: String(at) }))
    await expect(table.write(writes)).rejects.toThrow(RangeError)
    expect((await table.list(pk, { limit: 10 })).rows).toEqual([])
    expect((await table.write(writes.slice(0, 100))).ok).toBe(true)
    expect((await table.list(pk, { limit: 1_000 })).rows).toHaveLength(100)
  },

  'a write that names a row twice is an error and writes nothing': async (table: Table) => {
    const key = newKey()
    await expect(table.write([put(key), put(key)])).rejects.toThrow(RangeError)
    expect(await table.get(key)).toBeUndefined()
  },
}

const RACE_PROMISES = {
  'of many that create one row exactly one wins': async (table: Table) => {
    const key = newKey()
    const racers = Array.from({ length: 20 }, (_, by) =>
      table.write([put(key, { data: { by }, expect: 'absent' })]),
    )
    const outcomes = await Promise.all(racers)
    const winners = outcomes.flatMap(({ ok }, by) => (ok ? [by] : []))
    expect(winners).toHaveLength(1)
    expect((await table.get(key))?.data).toEqual({ by: winners[0] })
  },

  'increments by many writers are all counted': async (table: Table) => {
    const key = newKey()
    await table.write([put(key, { data: { count: 0 } })])
    const increment = async (): Promise<void> => {
      for (;;) {
        const row = await table.get(key)
        if (row === undefined) throw new Error('the row is gone')
        const data = { count: Number(row.data['count']) + 1 }
        if ((await table.write([put(key, { data, expect: { rev: row.rev } })])).ok) return
      }
    }
    await Promise.all(Array.from({ length: 12 }, increment))
    expect((await table.get(key))?.data).toEqual({ count: 12 })
  },

  'of two writes that share a row only one happens, and wholly': async (table: Table) => {
    const [left, shared, right] = [newKey(), newKey(), newKey()]
    const outcomes = await Promise.all([
      table.write([put(left), put(shared, { expect: 'absent' })]),
      table.write([put(shared, { expect: 'absent' }), put(right)]),
    ])
    const rows = await table.getMany([left, right])
    expect(outcomes.filter(({ ok }) => ok)).toHaveLength(1)
    expect(rows.map(({ key }) => key)).toEqual([outcomes[0].ok ? left : right])
  },
}
