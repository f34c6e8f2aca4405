import { expect } from 'vitest'
import type { IndexEntry, RowKey } from '../../lib/job/keys.ts'
import type { IndexHit, IndexQuery, PutRow, Table } from '../../lib/ports/table.ts'
import { waitFor } from '../support/wait-for.ts'
import { uniqueName } from './define-contract.ts'

function put(key: RowKey, ...indexes: IndexEntry[]): PutRow {
  return { kind: 'put', key, data: {}, expect: 'any', indexes }
}

function due(hash: string, range: string): IndexEntry {
  return { index: 'byDue', hash, range }
}

/** Rows `<name>#0`, `<name>#1` … that stand in `byDue` under these ranges. */
async function putDue(table: Table, hash: string, ranges: readonly string[]): Promise<RowKey[]> {
  const pk = uniqueName('due')
  const keys = ranges.map((_, at) => ({ pk, sk: String(at).padStart(3, '0') }))
  await table.write(keys.map((key, at) => put(key, due(hash, ranges[at] ?? ''))))
  return keys
}

async function query(table: Table, how: Omit<IndexQuery, 'index'>): Promise<IndexHit[]> {
  return (await table.queryIndex({ index: 'byDue', ...how })).hits
}

async function queryAll(table: Table, how: Omit<IndexQuery, 'index'>): Promise<IndexHit[]> {
  const hits: IndexHit[] = []
  let after: string | undefined
  do {
    const page = await table.queryIndex({
      index: 'byDue',
      ...how,
      ...(after !== undefined && { after }),
    })
    expect(page.hits.length).toBeLessThanOrEqual(how.limit)
    hits.push(...page.hits)
    after = page.next
  } while (after !== undefined)
  return hits
}

/** An index may lag, so it gets time to hold as many rows as it should. */
function settled(table: Table, hash: string, count: number): Promise<IndexHit[]> {
  return waitFor(`${count} rows in the index`, async () => {
    const hits = await query(table, { hash, limit: 1_000 })
    return hits.length === count && hits
  })
}

export const INDEX_PROMISES = {
  'an index names its rows in the order of their ranges': async (table: Table) => {
    const hash = uniqueName('order')
    const keys = await putDue(table, hash, ['2026-03', '2026-01', '2026-02'])
    await putDue(table, `${hash}!`, ['2026-01'])
    const hits = await settled(table, hash, 3)
    expect(hits).toEqual([
      { key: keys[1], range: '2026-01' },
      { key: keys[2], range: '2026-02' },
      { key: keys[0], range: '2026-03' },
    ])
    const newest = await query(table, { hash, limit: 2, newestFirst: true })
    expect(newest.map(({ range }) => range)).toEqual(['2026-03', '2026-02'])
  },

  'an index knows only rows that name it': async (table: Table) => {
    const hash = uniqueName('sparse')
    const pk = uniqueName('sparse')
    await table.write([put({ pk, sk: 'out' })])
    await table.write([put({ pk, sk: 'other' }, { index: 'byStatus', hash, range: '1' })])
    await table.write([put({ pk, sk: 'in' }, due(hash, '1'))])
    const hits = await settled(table, hash, 1)
    expect(hits).toEqual([{ key: { pk, sk: 'in' }, range: '1' }])
  },

  'a row stands in several indexes at once': async (table: Table) => {
    const hash = uniqueName('several')
    const key = { pk: uniqueName('several'), sk: 'state' }
    const names = ['byTenant', 'byTenantStatus', 'byStatus', 'byDue'] as const
    await table.write([put(key, ...names.map((index) => ({ index, hash, range: index })))])
    for (const index of names) {
      const hits = await waitFor(`the row in ${index}`, async () => {
        const found = await table.queryIndex({ index, hash, limit: 10 })
        return found.hits.length === 1 && found.hits
      })
      expect(hits).toEqual([{ key, range: index }])
    }
  },

  'a row moves in its index, and leaves it, with the write that says so': async (table: Table) => {
    const [before, after] = [uniqueName('before'), uniqueName('after')]
    const key = { pk: uniqueName('moves'), sk: 'state' }
    await table.write([put(key, due(before, '1'))])
    await settled(table, before, 1)
    await table.write([put(key, due(after, '2'))])
    expect(await settled(table, after, 1)).toEqual([{ key, range: '2' }])
    await settled(table, before, 0)
    await table.write([put(key)])
    await settled(table, after, 0)
  },

  'a deleted row leaves its indexes': async (table: Table) => {
    const hash = uniqueName('deleted')
    const [key] = await putDue(table, hash, ['1', '2'])
    await settled(table, hash, 2)
    if (key !== undefined) await table.write([{ kind: 'delete', key, expect: 'any' }])
    await settled(table, hash, 1)
  },

  'a refused write leaves the indexes as they were': async (table: Table) => {
    const hash = uniqueName('refused')
    const [key] = await putDue(table, hash, ['1'])
    await settled(table, hash, 1)
    if (key === undefined) throw new Error('no row')
    const outcome = await table.write([{ ...put(key, due(hash, '2')), expect: 'absent' }])
    expect(outcome.ok).toBe(false)
    expect(await settled(table, hash, 1)).toEqual([{ key, range: '1' }])
  },

  'an upper bound includes its own range': async (table: Table) => {
    const hash = uniqueName('bound')
    await putDue(table, hash, ['1', '2', '2x', '3'])
    await settled(table, hash, 4)
    const ranges = async (upTo: string): Promise<string[]> =>
      (await query(table, { hash, upTo, limit: 10 })).map(({ range }) => range)
    expect(await ranges('2')).toEqual(['1', '2'])
    expect(await ranges('2z')).toEqual(['1', '2', '2x'])
    expect(await ranges('0')).toEqual([])
    expect(await ranges('9')).toEqual(['1', '2', '2x', '3'])
    const newest = await query(table, { hash, upTo: '2x', limit: 1, newestFirst: true })
    expect(newest.map(({ range }) => range)).toEqual(['2x'])
  },

  'pages of an index, in both directions, bring every row once even where ranges are equal': async (
    table: Table,
  ) => {
    const hash = uniqueName('equal')
    const ranges = ['1', '2', '2', '2', '2', '2', '3']
    const keys = await putDue(table, hash, ranges)
    await settled(table, hash, ranges.length)
    for (const limit of [1, 2, 3, 7, 8]) {
      for (const newestFirst of [false, true]) {
        const hits = await queryAll(table, { hash, limit, newestFirst })
        const expected = newestFirst ? ranges.toReversed() : ranges
        expect(hits.map(({ range }) => range)).toEqual(expected)
        const found = new Set(hits.map(({ key }) => key.sk))
        expect(found).toEqual(new Set(keys.map(({ sk }) => sk)))
      }
    }
  },

  'pages keep to the upper bound': async (table: Table) => {
    const hash = uniqueName('bounded-pages')
    await putDue(table, hash, ['1', '2', '3', '4', '5'])
    await settled(table, hash, 5)
    const hits = await queryAll(table, { hash, upTo: '3', limit: 2 })
    expect(hits.map(({ range }) => range)).toEqual(['1', '2', '3'])
  },
}
