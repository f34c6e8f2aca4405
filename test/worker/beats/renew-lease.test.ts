import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { claim } from '../../../lib/job/life/attempt.ts'
import { requestCancel } from '../../../lib/job/life/ending.ts'
import { changeJob } from '../../../lib/job/store/change-job.ts'
import { createJob } from '../../../lib/job/store/create-job.ts'
import { readJob } from '../../../lib/job/store/job-row.ts'
import { openEmbedded, type Embedded } from '../../../lib/adapters/open-embedded.ts'
import { systemClock } from '../../../lib/adapters/node/system-clock.ts'
import { PortUnavailable } from '../../../lib/ports/port-unavailable.ts'
import type { Table, WriteOutcome } from '../../../lib/ports/table.ts'
import type { BeatNews, LeaseTarget } from '../../../worker/beats/beat-messages.ts'
import { type BeaterDeps, renewLease, silenceLimitMs } from '../../../worker/beats/renew-lease.ts'
import { aJob, NOON_MS } from '../../support/a-job.ts'
import { FakeClock } from '../../support/fake-clock.ts'

const BEAT_MS = 10_000
const LEASE_MS = 60_000

describe('the beats of an attempt', () => {
  let store: Embedded
  let clock: FakeClock
  let news: BeatNews[]
  let ended: AbortController

  beforeEach(() => {
    store = openEmbedded({ stateDir: ':memory:', clock: systemClock })
    clock = new FakeClock(NOON_MS)
    news = []
    ended = new AbortController()
  })

  afterEach(async () => {
    ended.abort()
    await store.close()
  })

  async function start(deps: Partial<BeaterDeps> = {}, report = () => ({})): Promise<string> {
    const job = aJob()
    await createJob(store.table, { job })
    const by = { workerId: 'w1', taskId: 't1', leaseSeconds: LEASE_MS / 1000, attempt: 1 }
    const claimed = await changeJob(store.table, { id: job.id }, (now) => claim(now, by, NOON_MS))
    if (!claimed.ok) throw new Error(claimed.why)
    const { stored } = claimed
    const watched: LeaseTarget = { key: 'k', claimed: stored, workerId: 'w1', leaseMs: LEASE_MS }
    const beater: BeaterDeps = {
      table: store.table,
      clock,
      beatMs: BEAT_MS,
      mainSilentMs: () => 0,
      tell: (one) => news.push(one),
      ...deps,
    }
    void renewLease(beater, watched, { report, signal: ended.signal })
    return job.id
  }

  const beatOf = async (id: string) => (await readJob(store.table, id))?.job.lease?.beat

  it('count up once in each period and carry what the attempt has to say', async () => {
    const logs = { stdoutBytes: 5, stderrBytes: 0, cutBytes: 0, chunks: 1 }
    const id = await start({}, () => ({ logs }))
    await clock.advance(3 * BEAT_MS + 500)
    expect(await beatOf(id)).toBe(3)
    expect((await readJob(store.table, id))?.job.logs).toEqual(logs)
    expect(news).toMatchObject([10_000, 20_000, 30_000].map((sentAtMs) => ({ sentAtMs })))
  })

  it('do not pile up at a table that hangs', async () => {
    let calls = 0
    const hang = (): Promise<never> => {
      calls += 1
      return new Promise(() => undefined)
    }
    await start({ table: { ...store.table, write: hang, get: hang } as unknown as Table })
    await clock.advance(20 * BEAT_MS)
    expect(calls).toBe(5)
  })

  it('bring back that a cancel was asked for', async () => {
    const id = await start()
    await changeJob(store.table, { id }, (job) => requestCancel(job, 'user', NOON_MS))
    await clock.advance(BEAT_MS + 500)
    expect(news.map(({ is }) => is)).toEqual(['renewed', 'cancel-requested'])
  })

  it('end when the attempt no longer holds its job', async () => {
    const id = await start()
    await changeJob(store.table, { id }, (job) => ({ ok: true, job: { ...job, attempt: 2 } }))
    await clock.advance(5 * BEAT_MS)
    expect(news.map(({ is }) => is)).toEqual(['not-holder'])
  })

  it('are tried again soon when the table is away', async () => {
    let failures = 4
    const table = withWrite(store.table, (write) => {
      failures -= 1
      return failures >= 0 ? Promise.reject(new PortUnavailable('table', 'write', 'test')) : write()
    })
    const id = await start({ table })
    await clock.advance(BEAT_MS + 4500)
    expect(await beatOf(id)).toBe(1)
    expect(news.map(({ is }) => is)).toEqual([...Array(4).fill('trouble'), 'renewed'])
  })

  it('do not wait for a try that hangs, and count a late answer from its sending', async () => {
    const release = Promise.withResolvers<void>()
    let writes = 0
    const table = withWrite(store.table, async (write) => {
      writes += 1
      if (writes > 1) return write()
      const outcome = await write()
      await release.promise
      return outcome
    })
    await start({ table })
    await clock.advance(BEAT_MS + 3500)
    expect(news).toMatchObject([{ is: 'renewed', sentAtMs: BEAT_MS + 3000 }])
    release.resolve()
    await clock.advance(1)
    expect(news[1]).toMatchObject({ is: 'renewed', sentAtMs: BEAT_MS })
  })

  it('stop while the main loop of the worker hangs, and go on with it', async () => {
    let silentMs = 31_000
    const id = await start({ mainSilentMs: () => silentMs })
    await clock.advance(5 * BEAT_MS)
    expect(await beatOf(id)).toBe(0)
    silentMs = 0
    await clock.advance(2000)
    expect(await beatOf(id)).toBe(1)
  })

  it('bear a silence of the main loop that is always shorter than the lease', () => {
    expect(silenceLimitMs(10_000, 300_000)).toBe(30_000)
    expect(silenceLimitMs(1000, 300_000)).toBe(15_000)
    expect(silenceLimitMs(10_000, 30_000)).toBe(15_000)
  })
})

function withWrite(
  table: Table,
  around: (write: () => Promise<WriteOutcome>) => Promise<WriteOutcome>,
): Table {
  return {
    get: (key) => table.get(key),
    getMany: (keys) => table.getMany(keys),
    list: (pk, page) => table.list(pk, page),
    queryIndex: (query) => table.queryIndex(query),
    write: (writes) => around(() => table.write(writes)),
    close: () => table.close(),
  }
}
