import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { toTimestamp } from '../../lib/job/job.ts'
import { requestCancel } from '../../lib/job/life/ending.ts'
import { changeJob } from '../../lib/job/store/change-job.ts'
import { scalerKey } from '../../lib/job/keys.ts'
import { PortUnavailable } from '../../lib/ports/port-unavailable.ts'
import { readDecisions } from '../../lib/scaling/store/decision-history.ts'
import { look } from '../../lib/scaler/look/look.ts'
import { replay } from '../../lib/scaling/decide.ts'
import { LOCK_MS } from '../../lib/scaler/scaler-state.ts'
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

describe('two looks at once', () => {
  it('one acts, the other asks it to look once more', async () => {
    await scaler.addJob()
    let second: Promise<unknown> | undefined
    const table = interfere(scaler.table, {
      before: async (action, detail) => {
        const isReaper = action === 'queryIndex' && JSON.stringify(detail).includes('running')
        if (!isReaper || second !== undefined) return
        await scaler.addJob()
        await scaler.addJob()
        second = look({ ...scaler.deps, owner: 'two' }, 'kick')
        expect(await second).toEqual({ kind: 'locked' })
      },
    })
    const report = await look({ ...scaler.deps, table }, 'clock')
    expect(report).toMatchObject({ kind: 'looked', decision: { wanted: 2 } })
    expect(scaler.fleet.desired('a')).toBe(2)
  })

  it('one that was overtaken while it was looking does nothing with what it saw', async () => {
    await scaler.fleet.place('a', 'v1')
    await scaler.addJob()
    let overtaking: Promise<unknown> | undefined
    const table = interfere(scaler.table, {
      before: async (action, detail) => {
        const isLock = action === 'write' && JSON.stringify(detail).includes('"lock"')
        if (!isLock || overtaking !== undefined) return
        for (let more = 0; more < 3; more += 1) await scaler.addJob()
        overtaking = look({ ...scaler.deps, owner: 'two' }, 'kick')
        await overtaking
      },
    })
    await look({ ...scaler.deps, table }, 'clock')
    expect(scaler.fleet.calls).toEqual(['place a v1', 'setDesired a 2'])
  })

  it('takes over from one that died, after the time of its lock, and mends what it left undone', async () => {
    await scaler.addJob()
    scaler.fleet.broken.add('place')
    const table = interfere(scaler.table, {
      before: (action, detail) => {
        const isRelease = action === 'write' && !JSON.stringify(detail).includes('"lock"')
        if (isRelease) throw new PortUnavailable('table', 'write', new Error('killed'))
      },
    })
    await look({ ...scaler.deps, table }, 'clock')
    scaler.fleet.broken.clear()
    await scaler.clock.advance(LOCK_MS - 1000)
    expect(await look(scaler.deps, 'clock')).toEqual({ kind: 'locked' })
    await scaler.clock.advance(1000)
    expect(await look(scaler.deps, 'clock')).toMatchObject({ kind: 'looked' })
    expect(scaler.fleet.total).toBe(1)
  })

  it('does not wait for a lock of a clock that went back', async () => {
    const lock = { owner: 'x', number: 1, untilMs: scaler.clock.now() + 3_600_000 }
    const scaling = { runSeconds: {}, beats: {} }
    const data = { lock, lockNumber: 1, savedAtMs: 0, scaling, reaper: { seen: {} } }
    const key = scalerKey('memory')
    await scaler.table.write([{ kind: 'put', key, data, expect: 'any' }])
    expect(await look(scaler.deps, 'clock')).toMatchObject({ kind: 'looked' })
  })
})

describe('the history of decisions', () => {
  it('keeps what changed, counts what did not, and makes each decision again', async () => {
    await looks(3)
    await scaler.addJob()
    await looks(4)
    const records = await readDecisions(scaler.table)
    expect(records.map(({ reason }) => reason)).toEqual([
      'steady',
      'steady',
      'leaving-zero',
      'steady',
    ])
    expect(records.at(-1)?.count).toBe(3)
    for (const record of records) {
      const { inputs, ...again } = replay(record)!
      expect(record).toMatchObject(again)
      if (record.count === 1) expect(record.inputs).toEqual(inputs)
    }
  })

  it('shows the numbers of the last look under a decision that stands for long', async () => {
    await scaler.addJob()
    await looks(3)
    await scaler.addJob()
    await looks(4)
    const newest = (await readDecisions(scaler.table)).at(-1)
    expect(newest).toMatchObject({
      reason: 'steady',
      inputs: { waiting: { command: 2 }, oldestWaitingSeconds: 60 },
    })
    expect(newest?.count).toBeGreaterThan(3)
  })

  it('shows within a look that nothing waits any more', async () => {
    const service = { ...scaler.deps.service(), taskTypes: ['command'] as const }
    const deps = { ...scaler.deps, service: () => service }
    const { id } = await scaler.addJob({ taskType: 'query' })
    for (let each = 0; each < 3; each += 1) {
      await look(deps, 'clock')
      await scaler.clock.advance(LOOK_SECONDS * 1000)
    }
    await changeJob(scaler.table, { id }, (job) => requestCancel(job, 'me', scaler.clock.now()))
    await look(deps, 'clock')
    const newest = (await readDecisions(scaler.table)).at(-1)
    expect(newest?.inputs.waiting).toEqual({ command: 0, query: 0 })
  })

  it('keeps the last 50', async () => {
    for (let round = 0; round < 30; round += 1) {
      await scaler.addJob()
      await scaler.addJob()
      await looks(1)
      await scaler.fleet.setDesired('a', 0)
    }
    const records = await readDecisions(scaler.table)
    expect(records.length).toBeLessThanOrEqual(50)
    expect(JSON.stringify(records).length).toBeLessThan(200_000)
  })
})

describe('a quiet service', () => {
  it('costs six reads a look and writes only once a minute', async () => {
    await looks(2)
    const calls: string[] = []
    const count = (action: string) => void calls.push(action)
    const table = interfere(scaler.table, { before: count })
    const { queues } = scaler
    const counted = {
      ...scaler.deps,
      table,
      queues: Object.assign(Object.create(queues) as typeof queues, {
        depth: (name: 'command') => (count('depth'), queues.depth(name)),
      }),
    }
    await look(counted, 'clock')
    // The fleet's one observation comes on top.
    expect(calls.toSorted()).toEqual(
      ['get', 'list', 'queryIndex', 'queryIndex', 'queryIndex'].toSorted(),
    )
    const rev = async () => (await scaler.table.get(scalerKey('memory')))?.rev
    const before = await rev()
    await scaler.clock.advance(20_000)
    await look(scaler.deps, 'clock')
    expect(await rev()).toBe(before)
    await scaler.clock.advance(60_000)
    await look(scaler.deps, 'clock')
    expect(await rev()).toBeGreaterThan(before!)
  })
})
