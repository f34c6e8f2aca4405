import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { toTimestamp } from '../../lib/job/job.ts'
import { PortUnavailable } from '../../lib/ports/port-unavailable.ts'
import { look } from '../../lib/scaler/look/look.ts'
import { interfere, LOOK_SECONDS, type OpenScaler, openScaler } from './a-scaler.ts'

let scaler: OpenScaler

beforeEach(() => {
  scaler = openScaler()
})
afterEach(async () => {
  await scaler.close()
})

async function looks(count: number): Promise<void> {
  for (let each = 0; each < count; each += 1) {
    await look(scaler.deps, 'clock')
    await scaler.beatWorkers()
    await scaler.clock.advance(LOOK_SECONDS * 1000)
  }
}

describe('a look', () => {
  it('starts the first worker for the first job', async () => {
    await scaler.addJob()
    const report = await look(scaler.deps, 'kick')
    expect(report).toMatchObject({ kind: 'looked', failures: [], decision: { wanted: 1 } })
    expect(scaler.fleet.calls).toEqual(['place a v1', 'setDesired a 1'])
  })

  it('logs a change of the desired count once, with its reason', async () => {
    await scaler.addJob()
    await looks(2)
    const lines = scaler.log.lines.filter((line) => line.startsWith('desired count changed'))
    expect(lines).toHaveLength(1)
    expect(JSON.parse(lines[0]!.slice('desired count changed '.length))).toMatchObject({
      side: 'a',
      from: 0,
      to: 1,
      wanted: 1,
      reason: 'leaving-zero',
    })
  })

  it('does not start workers of the version before when the new one could not be placed', async () => {
    scaler.fleet.broken.add('place')
    await scaler.addJob()
    const report = await look(scaler.deps, 'clock')
    expect(report).toMatchObject({ failures: [{ step: 'place' }] })
    expect(scaler.fleet.calls).toEqual([])
    scaler.fleet.broken.clear()
    await scaler.clock.advance(10_000)
    await look(scaler.deps, 'clock')
    expect(scaler.fleet.total).toBe(1)
  })

  it('scales in in two steps: a drain order first, the count once it is followed', async () => {
    await scaler.fleet.place('a', 'v1')
    await scaler.fleet.setDesired('a', 1)
    scaler.fleet.startTask('task-w1')
    await scaler.putWorker({ workerId: 'w1', note: 'kept' })
    await looks(8)
    expect(scaler.fleet.desired('a')).toBe(1)
    const ordered = await scaler.worker('w1')
    expect(ordered).toMatchObject({ note: 'kept', drain: { reason: 'surplus' } })
    await scaler.putWorker({ workerId: 'w1', state: 'draining', drain: ordered!.drain! })
    await looks(1)
    expect(scaler.fleet.desired('a')).toBe(0)
  })

  it('gives no order to a worker that took a job between the look and the order', async () => {
    await scaler.fleet.place('a', 'v1')
    await scaler.fleet.setDesired('a', 1)
    scaler.fleet.startTask('task-w1')
    await scaler.putWorker({ workerId: 'w1' })
    await looks(6)
    const table = interfere(scaler.table, {
      before: async (action, detail) => {
        const isOrder = action === 'write' && JSON.stringify(detail).includes('"drain"')
        if (isOrder && !JSON.stringify(detail).includes('scaler')) {
          await scaler.putWorker({ workerId: 'w1', state: 'busy' })
        }
      },
    })
    for (let each = 0; each < 3; each += 1) {
      await look({ ...scaler.deps, table }, 'clock')
      await scaler.beatWorkers()
      await scaler.clock.advance(10_000)
    }
    expect(await scaler.worker('w1')).toMatchObject({ state: 'busy' })
    expect((await scaler.worker('w1'))?.drain).toBeUndefined()
  })

  it('counts a retry that backs off only once it is due', async () => {
    const readyAt = toTimestamp(scaler.clock.now() + 60_000)
    await scaler.addJob({ attempt: 1, retriesUsed: 1, readyAt })
    await look(scaler.deps, 'clock')
    expect(scaler.fleet.total).toBe(0)
    await scaler.clock.advance(60_000)
    await look(scaler.deps, 'clock')
    expect(scaler.fleet.total).toBe(1)
  })

  it('measures run times for the target wait: short jobs share a worker', async () => {
    await scaler.close()
    scaler = openScaler({ strategies: { target_wait_seconds: 60 } })
    const startedAt = toTimestamp(scaler.clock.now() - 5000)
    const endedAt = toTimestamp(scaler.clock.now())
    await scaler.addJob({ status: 'succeeded', attempt: 1, startedAt, endedAt })
    for (let job = 0; job < 13; job += 1) await scaler.addJob()
    await look(scaler.deps, 'clock')
    expect(scaler.fleet.total).toBe(1)
    await scaler.addJob()
    await look(scaler.deps, 'clock')
    expect(scaler.fleet.total).toBe(2)
  })
})

describe('a part that cannot be observed', () => {
  beforeEach(async () => {
    await scaler.fleet.place('a', 'v1')
    await scaler.fleet.setDesired('a', 2)
    for (const id of ['w1', 'w2']) {
      scaler.fleet.startTask(`task-${id}`)
      await scaler.putWorker({ workerId: id })
    }
    await look(scaler.deps, 'clock')
  })

  it('lowers nothing, is counted, and everything goes on when it is back', async () => {
    scaler.fleet.broken.add('observe')
    await looks(12)
    expect(scaler.fleet.desired('a')).toBe(2)
    expect((await scaler.worker('w1'))?.drain).toBeUndefined()
    expect(scaler.metrics.sum('ScalerLookFailed')).toBe(12)
    scaler.fleet.broken.clear()
    await looks(2)
    expect((await scaler.worker('w1'))?.drain).toBeDefined()
  })

  it('may hang: the look goes on without it after its bound', async () => {
    const table = interfere(scaler.table, {
      before: (action) => (action === 'list' ? new Promise<void>(() => {}) : undefined),
    })
    const looking = look({ ...scaler.deps, table }, 'clock')
    await scaler.clock.advance(4000)
    expect(await looking).toMatchObject({ decision: { inputs: { unseen: ['workers'] } } })
  })

  it('may be the whole table: the look fails, is counted, and the next one comes', async () => {
    const table = interfere(scaler.table, {
      before: () => {
        throw new PortUnavailable('table', 'get', new Error('away'))
      },
    })
    const report = await look({ ...scaler.deps, table }, 'clock')
    expect(report.kind).toBe('failed')
    expect(scaler.metrics.sum('ScalerLookFailed')).toBe(1)
    expect(await look(scaler.deps, 'clock')).toMatchObject({ kind: 'looked' })
  })
})
