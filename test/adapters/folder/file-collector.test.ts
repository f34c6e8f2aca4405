import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { makeIdGenerator } from '../../../lib/job/job-id.ts'
import { type Job, toTimestamp } from '../../../lib/job/job.ts'
import { inputFileKey, jobKey, uploadKey } from '../../../lib/job/keys.ts'
import { FileCollector } from '../../../lib/adapters/folder/file-collector.ts'
import { openDatabase } from '../../../lib/adapters/sqlite/open-database.ts'
import { putJob } from '../../../lib/job/store/job-row.ts'
import { PortUnavailable } from '../../../lib/ports/port-unavailable.ts'
import { aJob, NOON_MS } from '../../support/a-job.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { openTemporary, type TemporaryStores } from '../sqlite/open-temporary.ts'

const DAY_MS = 86_400_000

describe('old files', () => {
  let clock: FakeClock
  let stores: TemporaryStores
  let newId: () => string
  beforeEach(async () => {
    clock = new FakeClock(NOON_MS)
    stores = await openTemporary({ clock })
    newId = makeIdGenerator({ now: () => clock.now(), random: () => 0 })
  })
  afterEach(() => stores.close())

  const put = (...keys: string[]) =>
    Promise.all(keys.map((key) => stores.files.put({ key, body: 'x' })))
  const keep = (job: Partial<Job>) => stores.table.write([putJob(aJob(job), 'any')])
  const forget = (id: string) =>
    stores.table.write([{ kind: 'delete', key: jobKey(id), expect: 'any' }])
  const keys = async () =>
    (await stores.files.list('', { limit: 1_000 })).files.map(({ key }) => key)
  /** The first pass only notes whose row has gone. */
  const pass = async (times = 2) => {
    let deleted = 0
    for (let number = 0; number < times; number += 1) deleted += await stores.collectOldFiles()
    return deleted
  }

  test('of a job stay as long as its row, and go with it, folder and all', async () => {
    const [old, standing] = [newId(), newId()]
    await put(inputFileKey(old), `jobs/${old}/1/logs/0.jsonl`, `jobs/${standing}/1/result`)
    await keep({ id: old })
    await keep({ id: standing })
    await clock.advance(40 * DAY_MS)
    expect(await pass(3)).toBe(0)
    await forget(old)
    expect(await pass(1)).toBe(0)
    expect(await pass(1)).toBe(2)
    expect(await keys()).toEqual([`jobs/${standing}/1/result`])
  })

  test('of a job that is young stay, row or not: the input is put before the row', async () => {
    const id = newId()
    await put(inputFileKey(id))
    await clock.advance(29 * DAY_MS)
    expect(await pass(3)).toBe(0)
    await clock.advance(2 * DAY_MS)
    expect(await pass()).toBe(1)
  })

  test('that the input of another job names stay: a retry names the first job’s input', async () => {
    const [first, retry] = [newId(), newId()]
    const upload = uploadKey('default', newId())
    await put(inputFileKey(first), `jobs/${first}/1/result`, upload)
    await clock.advance(40 * DAY_MS)
    await keep({ id: retry, input: { kind: 'file', key: inputFileKey(first), bytes: 1 } })
    await keep({ id: newId(), input: { kind: 'file', key: upload, bytes: 1 } })
    await pass(3)
    expect(await keys()).toEqual([inputFileKey(first), upload])
    await forget(retry)
    await pass(3)
    expect(await keys()).toEqual([upload])
  })

  test('that were uploaded and never named go after 7 days', async () => {
    const [early, late] = [uploadKey('default', newId()), uploadKey('other', newId())]
    await put(early)
    await clock.advance(6 * DAY_MS)
    await put(late)
    expect(await pass()).toBe(0)
    await clock.advance(2 * DAY_MS)
    expect(await pass(1)).toBe(1)
    expect(await keys()).toEqual([late])
  })

  test('go a few at a time, until none is left', async () => {
    const ids = Array.from({ length: 3 }, newId)
    for (const id of ids) {
      await put(...Array.from({ length: 220 }, (_, file) => `jobs/${id}/1/artifacts/${file}`))
    }
    await clock.advance(40 * DAY_MS)
    expect(await pass(1)).toBe(0)
    expect(await pass(1)).toBe(500)
    expect(await pass(1)).toBe(160)
    expect(await keys()).toEqual([])
  })

  test('stay while the rows cannot be read', async () => {
    const id = newId()
    await put(inputFileKey(id), uploadKey('default', id))
    await clock.advance(40 * DAY_MS)
    const database = openDatabase(`${stores.stateDir}/state.sqlite`, { clock, random: () => 0 })
    const collector = new FileCollector({
      database: {
        read: (call) => Promise.reject(new PortUnavailable(call.port, call.action, undefined)),
        statement: (sql) => database.statement(sql),
      },
      files: stores.files,
      clock,
    })
    await expect(collector.collect()).rejects.toBeInstanceOf(PortUnavailable)
    await expect(collector.collect()).rejects.toBeInstanceOf(PortUnavailable)
    expect(await keys()).toHaveLength(2)
    await database.close()
  })

  test('ask an index which jobs name them, however many jobs there are', async () => {
    const database = openDatabase(`${stores.stateDir}/state.sqlite`, { clock, random: () => 0 })
    const query = `EXPLAIN QUERY PLAN SELECT 1 FROM rows WHERE json_extract(data, '$.input.key') = ? LIMIT 1`
    const [plan] = database.statement(query).all('key')
    expect(plan?.['detail']).toContain('rows_by_input_key')
    await database.close()
  })
})

test('a job’s row that the table lets go takes its files with it', async () => {
  const clock = new FakeClock(NOON_MS)
  const stores = await openTemporary({ clock })
  const newId = makeIdGenerator({ now: () => clock.now(), random: () => 0 })
  const id = newId()
  await stores.files.put({ key: `jobs/${id}/1/result`, body: 'x' })
  const expiresAt = toTimestamp(NOON_MS + 30 * DAY_MS)
  await stores.table.write([putJob(aJob({ id, status: 'succeeded', expiresAt }), 'absent')])
  await clock.advance(31 * DAY_MS)
  // Rows go beside a later write.
  await stores.table.write([putJob(aJob({ id: newId() }), 'absent')])
  await stores.collectOldFiles()
  expect(await stores.collectOldFiles()).toBe(1)
  expect(await stores.files.info(`jobs/${id}/1/result`)).toBeUndefined()
  await stores.close()
})
