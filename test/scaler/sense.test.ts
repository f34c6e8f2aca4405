import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { toTimestamp } from '../../lib/job/job.ts'
import type { Queues } from '../../lib/ports/queues.ts'
import { sense } from '../../lib/scaler/look/sense.ts'
import { interfere, type OpenScaler, openScaler } from './a-scaler.ts'

let scaler: OpenScaler

beforeEach(() => {
  scaler = openScaler({ strategies: { target_wait_seconds: 60 } })
})
afterEach(async () => {
  await scaler.close()
})

const snapshot = (leases?: Parameters<typeof sense>[2]) =>
  sense(scaler.deps, scaler.deps.service(), leases)

describe('what a look sees', () => {
  it('has every worker, however many pages they fill, in as few reads as can be', async () => {
    const ids = Array.from({ length: 1001 }, (_, index) => `w${index}`)
    for (const workerId of ids) await scaler.putWorker({ workerId })
    let lists = 0
    const table = interfere(scaler.table, {
      before: (action) => void (action === 'list' && (lists += 1)),
    })
    const { workers } = await sense({ ...scaler.deps, table }, scaler.deps.service())
    expect(workers.seen && workers.value.length).toBe(1001)
    expect(lists).toBe(2)
  })

  it('measures run times of the newest 40 successes', async () => {
    const ran = (seconds: number) => ({
      status: 'succeeded' as const,
      attempt: 1,
      startedAt: toTimestamp(scaler.clock.now() - seconds * 1000),
      endedAt: toTimestamp(scaler.clock.now()),
    })
    for (let job = 0; job < 10; job += 1) await scaler.addJob(ran(1000))
    for (let job = 0; job < 40; job += 1) await scaler.addJob(ran(2))
    await scaler.addJob()
    expect((await snapshot()).observation.runSeconds).toEqual({ command: 2 })
  })

  it('knows who holds no lease from the last look, and no longer after missed looks', async () => {
    const leases = { beats: {}, withoutLease: ['w1'], readAtMs: scaler.clock.now() }
    await scaler.clock.advance(15_000)
    expect((await snapshot(leases)).observation.withoutLease).toEqual(['w1'])
    await scaler.clock.advance(6000)
    expect((await snapshot(leases)).observation).not.toHaveProperty('withoutLease')
    const { readAtMs: _never, ...unread } = leases
    expect((await snapshot(unread)).observation).not.toHaveProperty('withoutLease')
  })

  it('asks no queue while nothing waits, and each that the service takes otherwise', async () => {
    expect((await snapshot()).observation.depth).toEqual({ seen: false, why: 'not-asked' })
    await scaler.queues.send('query', [{ body: '1' }, { body: '2' }])
    await scaler.addJob()
    const { depth } = (await snapshot()).observation
    expect(depth).toEqual({ seen: true, value: { command: 0, query: 2 } })
  })

  it('does not take a queue whose depth cannot be read for an empty one', async () => {
    await scaler.addJob()
    const queues: Queues = Object.assign(Object.create(scaler.queues) as Queues, {
      depth: () => Promise.reject(new Error('throttled')),
    })
    const { observation } = await sense({ ...scaler.deps, queues }, scaler.deps.service())
    expect(observation.depth).toEqual({ seen: false, why: 'throttled' })
  })
})
