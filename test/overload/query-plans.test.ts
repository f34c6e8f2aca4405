import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { listJobs } from '../../lib/api/routes/list-jobs.ts'
import { look } from '../../lib/scaler/look/look.ts'
import { toTimestamp } from '../../lib/job/job.ts'
import { uploadKey } from '../../lib/job/keys.ts'
import { BlobFolder } from '../../lib/adapters/folder/blob-folder.ts'
import type { Database } from '../../lib/adapters/sqlite/database.ts'
import { FileCollector } from '../../lib/adapters/folder/file-collector.ts'
import { FolderFiles } from '../../lib/adapters/folder/folder-files.ts'
import { openDatabase } from '../../lib/adapters/sqlite/open-database.ts'
import { SqliteQueues } from '../../lib/adapters/sqlite/sqlite-queues.ts'
import { SqliteTable } from '../../lib/adapters/sqlite/sqlite-table.ts'
import { type OpenScaler, openScaler } from '../scaler/a-scaler.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { fillWaiting } from './fill-waiting.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

let folder: string
let clock: FakeClock
let database: Database
let scaler: OpenScaler
/** Every statement that was prepared, in the order of its first use. */
let statements: Set<string>

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'scalable-job-plans-'))
  clock = new FakeClock()
  database = openDatabase(':memory:', { clock, random: () => 0.5 })
  scaler = openScaler()
  statements = new Set()
  const prepare = database.statement.bind(database)
  database.statement = (sql) => {
    statements.add(sql)
    return prepare(sql)
  }
})

afterEach(async () => {
  await scaler.close()
  await database.close()
  await rm(folder, { recursive: true, force: true })
})

function openStores() {
  let number = 0
  const newName = () => String((number += 1)).padStart(12, '0')
  const blobs = new BlobFolder(folder, newName, () => clock.now())
  const files = new FolderFiles({ database, blobs, clock })
  return {
    table: new SqliteTable({ database, clock, newToken: newName }),
    queues: new SqliteQueues({ database, clock, newReceipt: newName, maxReceives: 1 }),
    files,
    collector: new FileCollector({ database, files, clock }),
  }
}

/** One line of SQLite's plan for each step of a statement. */
function planOf(sql: string): string[] {
  return database
    .statement(`EXPLAIN QUERY PLAN ${sql}`)
    .all()
    .map(({ detail }) => String(detail))
}

/** Everything that a service does with its database, once. */
async function useAll(): Promise<void> {
  const { collector, ...stores } = openStores()
  const { table, queues, files } = stores
  const ids = await fillWaiting(stores, { count: 300, nowMs: clock.now() })
  const deps = { ...scaler.deps, ...stores, clock }
  const queued = { index: 'byStatus', hash: 'status#queued', limit: 10 } as const
  const first = await table.queryIndex(queued)
  await table.queryIndex({ ...queued, newestFirst: true, upTo: ids[50] ?? '' })
  await table.queryIndex({ ...queued, after: first.next ?? '' })
  await table.queryIndex({ ...queued, newestFirst: true, after: first.next ?? '' })
  await table.list('workers', { limit: 10 })
  await table.list('workers', { limit: 10, after: 'w1', newestFirst: true })
  await listJobs({ table, log: deps.log }, { limit: 50, tag: ['a:b'] })
  const how = { max: 10, waitSeconds: 0, visibilitySeconds: 30 }
  const [one, two] = await queues.receive('command', how)
  await queues.delete('command', [one?.receipt ?? ''])
  await queues.handBack('command', [two?.receipt ?? ''], 0)
  await queues.receive('command', how) // spent: to the dead letters
  await queues.depth('command')
  await files.put({ key: uploadKey('default', '1'), body: 'x' })
  await files.info(uploadKey('default', '1'))
  await clock.advance(HOUR_MS)
  await look(deps, 'clock')
  const key = { pk: 'gone', sk: 'soon' }
  await table.write([{ kind: 'put', key, data: {}, expect: 'any', expiresAtMs: clock.now() }])
  await clock.advance(20 * DAY_MS)
  await queues.send('output', [{ body: toTimestamp(clock.now()) }])
  await table.write([{ kind: 'delete', key: { pk: 'no', sk: 'row' }, expect: 'any' }])
  await collector.collect()
}

describe('the embedded database', () => {
  it('answers every question through an index, however much it holds', async () => {
    await useAll()
    const asked = [...statements].filter((sql) => /^\s*(SELECT|UPDATE|DELETE)/.test(sql))
    expect(asked.length).toBeGreaterThan(20)
    const scans = asked.flatMap((sql) => {
      const steps = planOf(sql).filter((step) => step.startsWith('SCAN') && !isBounded(step, sql))
      return steps.map((step) => `${step}: ${sql}`)
    })
    expect(scans).toEqual([])
  })

  it('sorts nothing: what is asked for stands in the order of an index', async () => {
    await useAll()
    const sorted = [...statements].filter((sql) =>
      planOf(sql).some((step) => step.startsWith('USE TEMP B-TREE')),
    )
    expect(sorted).toEqual([])
  })
})

/** The oldest few in the order of their ids. */
function isBounded(step: string, sql: string): boolean {
  return step === 'SCAN messages' && sql.includes('ORDER BY id LIMIT')
}
