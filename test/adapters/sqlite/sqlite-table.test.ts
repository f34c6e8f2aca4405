import { mkdirSync, writeFileSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ServiceError } from '../../../lib/registry/errors.ts'
import type { Call, Database } from '../../../lib/adapters/sqlite/database.ts'
import { openDatabase } from '../../../lib/adapters/sqlite/open-database.ts'
import { openEmbedded } from '../../../lib/adapters/open-embedded.ts'
import { SqliteTable } from '../../../lib/adapters/sqlite/sqlite-table.ts'
import { PortUnavailable } from '../../../lib/ports/port-unavailable.ts'
import type { PutRow } from '../../../lib/ports/table.ts'
import { FakeClock } from '../../support/fake-clock.ts'

const HOUR_MS = 3_600_000

function put(sk: string, more: Partial<PutRow> = {}): PutRow {
  const indexes = [{ index: 'byDue', hash: 'due', range: sk }] as const
  return { kind: 'put', key: { pk: 'pk', sk }, data: {}, expect: 'any', indexes, ...more }
}

/** A database whose commits stand although each is tried again, as after an answer that got lost. */
class LosesFirstAnswer {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  statement(sql: string) {
    return this.#database.statement(sql)
  }

  read<T>(call: Call, body: () => T): Promise<T> {
    return this.#database.read(call, body)
  }

  async write<T>(call: Call, body: () => T): Promise<T> {
    await this.#database.write(call, body)
    return this.#database.write(call, body)
  }
}

describe('a table in SQLite', () => {
  let clock: FakeClock
  let database: Database
  let table: SqliteTable
  let tokens = 0
  const newToken = (): string => `token ${(tokens += 1)}`

  beforeEach(() => {
    clock = new FakeClock()
    database = openDatabase(':memory:', { clock, random: () => 0.5 })
    table = new SqliteTable({ database, clock, newToken })
  })
  afterEach(() => database.close())

  test('takes its own token for success when a write is tried again', async () => {
    const losing = new SqliteTable({ database: new LosesFirstAnswer(database), clock, newToken })
    const created = await losing.write([
      put('1', { expect: 'absent' }),
      put('2', { expect: 'absent' }),
    ])
    expect(created).toEqual({ ok: true, revs: [1, 1] })
    const changed = await losing.write([
      put('1', { expect: { rev: 1 } }),
      { kind: 'delete', key: { pk: 'pk', sk: '2' }, expect: { rev: 1 } },
    ])
    expect(changed).toMatchObject({ ok: true })
    expect(await table.get({ pk: 'pk', sk: '1' })).toMatchObject({ rev: 2 })
    const stale = await losing.write([put('1', { expect: 'absent' })])
    expect(stale).toEqual({ ok: false, refused: [{ pk: 'pk', sk: '1' }] })
  })

  test('lets rows go after their time, a few at a time, with their indexes', async () => {
    const expiresAtMs = clock.now() + HOUR_MS
    for (let from = 0; from < 450; from += 50) {
      const writes = Array.from({ length: 50 }, (_, at) => put(String(from + at), { expiresAtMs }))
      await table.write(writes)
    }
    await table.write([put('stays')])
    await clock.advance(HOUR_MS - 1_000)
    await table.write([put('early')])
    const count = async (): Promise<number> => {
      const { rows } = await table.list('pk', { limit: 1_000 })
      const { hits } = await table.queryIndex({ index: 'byDue', hash: 'due', limit: 1_000 })
      expect(hits).toHaveLength(rows.length)
      return rows.length
    }
    expect(await count()).toBe(452)
    const left: number[] = []
    for (let second = 0; second < 4; second += 1) {
      await clock.advance(second === 0 ? 61_000 : 2_000)
      await table.write([put('early')])
      left.push(await count())
    }
    expect(left).toEqual([252, 52, 2, 2])
  })

  test('keeps a row whose time to live was taken away', async () => {
    await table.write([put('1', { expiresAtMs: clock.now() + HOUR_MS })])
    await table.write([put('1')])
    await clock.advance(2 * HOUR_MS)
    await table.write([put('2')])
    expect(await table.get({ pk: 'pk', sk: '1' })).toBeDefined()
  })

  test('refuses pages, keys and cursors that no table takes', async () => {
    await expect(table.list('pk', { limit: 0 })).rejects.toThrow('limit is 0; allowed: 1 to 1000')
    await expect(table.write([])).rejects.toThrow('writes is 0; allowed: 1 to 100')
    const keys = Array.from({ length: 101 }, (_, at) => ({ pk: 'pk', sk: String(at) }))
    await expect(table.getMany(keys)).rejects.toThrow('keys is 101; allowed: 0 to 100')
    const foreign = { index: 'byDue', hash: 'due', limit: 1, after: 'foreign' } as const
    await expect(table.queryIndex(foreign)).rejects.toThrow('`after`')
  })

  test('is unavailable once it is closed, not empty', async () => {
    await database.close()
    await expect(table.get({ pk: 'pk', sk: '1' })).rejects.toThrow(PortUnavailable)
    await expect(table.write([put('1')])).rejects.toThrow(PortUnavailable)
  })
})

describe('a state folder', () => {
  let stateDir: string

  beforeEach(async () => {
    stateDir = await mkdtemp(join(tmpdir(), 'state-'))
  })
  afterEach(() => rm(stateDir, { recursive: true }))

  test('keeps rows over a restart', async () => {
    const clock = new FakeClock()
    const first = openEmbedded({ stateDir, clock })
    await first.table.write([put('1', { data: { kept: true } })])
    await first.close()
    const second = openEmbedded({ stateDir, clock })
    expect((await second.table.get({ pk: 'pk', sk: '1' }))?.data).toEqual({ kept: true })
    await second.close()
  })

  test('of a newer version is refused, and says so', () => {
    const path = join(stateDir, 'state.sqlite')
    const newer = new DatabaseSync(path)
    newer.exec('PRAGMA user_version = 999')
    newer.close()
    const open = (): unknown => openEmbedded({ stateDir, clock: new FakeClock() })
    expect(open).toThrow(`the database ${path} has schema version 999`)
  })

  test.each([
    ['no database', (path: string) => writeFileSync(path, 'no database '.repeat(1_000))],
    ['a folder', (path: string) => mkdirSync(path)],
  ])('that is %s is named, with what helps', (_what, make) => {
    const path = join(stateDir, 'state.sqlite')
    make(path)
    const open = (): unknown => openEmbedded({ stateDir, clock: new FakeClock() })
    expect(open).toThrow(ServiceError)
    expect(open).toThrow(`the database ${path} `)
  })

  test('of an earlier version gets what it lacks and keeps its rows', async () => {
    const path = join(stateDir, 'state.sqlite')
    const key = { pk: 'a', sk: 'b' }
    const data = { kept: true }
    const first = openEmbedded({ stateDir, clock: new FakeClock() })
    await first.table.write([{ kind: 'put', key, data, expect: 'absent' }])
    await first.queues.send('output', [{ body: 'unread' }])
    await first.close()
    const earlier = new DatabaseSync(path)
    earlier.exec(`
      DROP INDEX rows_by_input_key;
      DROP TRIGGER message_sent; DROP TRIGGER message_deleted; DROP TRIGGER message_moved;
      DROP TABLE queue_totals;
      PRAGMA user_version = 1;
    `)
    earlier.close()
    const again = openEmbedded({ stateDir, clock: new FakeClock() })
    expect(await again.queues.depth('output')).toMatchObject({ visible: 1 })
    expect(await again.table.get(key)).toMatchObject({ data })
    expect(await again.collectOldFiles()).toBe(0)
    await again.close()
  })

  test('is written through the disk and shared by a write-ahead log', () => {
    const database = openDatabase(join(stateDir, 'state.sqlite'), {
      clock: new FakeClock(),
      random: () => 0.5,
    })
    const FULL = 2
    expect(database.statement('PRAGMA journal_mode').get()).toEqual({ journal_mode: 'wal' })
    expect(database.statement('PRAGMA synchronous').get()).toEqual({ synchronous: FULL })
    return database.close()
  })
})
