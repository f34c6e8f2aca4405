import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { toTimestamp } from '../../lib/job/job.ts'
import { changeDrainOrder } from '../../lib/scaler/look/change-drain-order.ts'
import { look } from '../../lib/scaler/look/look.ts'
import type { DrainOrder, WorkerRow } from '../../lib/scaling/worker-row.ts'
import { interfere, lookOften, type OpenScaler, openScaler } from './a-scaler.ts'

let scaler: OpenScaler

beforeEach(async () => {
  scaler = openScaler()
  await scaler.fleet.place('a', 'v1')
})
afterEach(async () => {
  await scaler.close()
})

function order(reason: DrainOrder['reason'] = 'surplus'): DrainOrder {
  const at = scaler.clock.now()
  return { reason, orderedAt: toTimestamp(at), expiresAt: toTimestamp(at + 120_000) }
}

async function startWorkers(...ids: readonly string[]): Promise<void> {
  await scaler.fleet.setDesired('a', ids.length)
  for (const id of ids) {
    scaler.fleet.startTask(`task-${id}`)
    await scaler.putWorker({ workerId: id })
  }
}

/** All but one of the idle workers are surplus in the next look. */
async function lookOnce(): Promise<void> {
  await look(scaler.deps, 'clock')
  await scaler.beatWorkers()
  await scaler.clock.advance(10_000)
}

const isOrder = (action: string, detail: unknown) => {
  const text = JSON.stringify(detail)
  return action === 'write' && text.includes('"drain"') && !text.includes('scaler')
}

describe('drain orders', () => {
  it('are given while the look has time, and the others in the next look', async () => {
    const ids = ['w1', 'w2', 'w3', 'w4', 'w5']
    await startWorkers(...ids)
    await lookOnce()
    const table = interfere(scaler.table, {
      before: async (action, detail) => {
        if (isOrder(action, detail)) await scaler.clock.advance(2000)
      },
    })
    await look({ ...scaler.deps, table }, 'clock')
    const ordered = async () => {
      const rows = await Promise.all(ids.map((id) => scaler.worker(id)))
      return rows.filter((row) => row?.drain).length
    }
    expect(await ordered()).toBe(2)
    await scaler.beatWorkers()
    await look(scaler.deps, 'clock')
    expect(await ordered()).toBe(4)
  })

  it('are written before the look ends', async () => {
    await startWorkers('w1', 'w2')
    await lookOnce()
    let letGo = () => {}
    const gate = new Promise<void>((resolve) => (letGo = resolve))
    const table = interfere(scaler.table, {
      before: (action, detail) => (isOrder(action, detail) ? gate : undefined),
    })
    let isOver = false
    const looking = look({ ...scaler.deps, table }, 'clock').then(() => (isOver = true))
    await scaler.clock.advance(0)
    expect(isOver).toBe(false)
    letGo()
    await looking
    const rows = await Promise.all(['w1', 'w2'].map((id) => scaler.worker(id)))
    expect(rows.filter((row) => row?.drain)).toHaveLength(1)
  })
})

describe('a drain order', () => {
  const job = { jobId: 'j', attempt: 1, taskType: 'command', startedAt: 'x' } as const

  it.each<[string, Partial<WorkerRow>, DrainOrder['reason'], 'changed' | 'no-longer']>([
    ['is written to an idle worker', {}, 'surplus', 'changed'],
    ['is no longer of use where the worker says busy', { state: 'busy' }, 'surplus', 'no-longer'],
    [
      'is no longer of use where a worker that leaves has a job',
      { state: 'draining', jobs: [job] },
      'surplus',
      'no-longer',
    ],
    ['is given for an old version while it works', { jobs: [job] }, 'old-version', 'changed'],
  ])('%s', async (_name, row, reason, expected) => {
    await scaler.putWorker({ workerId: 'w1', note: 'as it was', ...row })
    const change = { workerId: 'w1', kind: 'give', order: order(reason) } as const
    expect(await changeDrainOrder(scaler.table, change)).toBe(expected)
    const after = await scaler.worker('w1')
    expect(after).toMatchObject({ note: 'as it was' })
    expect(after?.drain?.reason).toBe(expected === 'changed' ? reason : undefined)
  })

  it('is withdrawn once', async () => {
    await scaler.putWorker({ workerId: 'w1', drain: order() })
    const change = { workerId: 'w1', kind: 'withdraw' } as const
    expect(await changeDrainOrder(scaler.table, change)).toBe('changed')
    expect(await changeDrainOrder(scaler.table, change)).toBe('no-longer')
    expect((await scaler.worker('w1'))?.drain).toBeUndefined()
  })

  it('is no longer of use to a worker whose row has gone', async () => {
    const change = { workerId: 'w9', kind: 'give', order: order() } as const
    expect(await changeDrainOrder(scaler.table, change)).toBe('no-longer')
    expect(await scaler.worker('w9')).toBeUndefined()
  })

  it('gives up on a row that changes each time, and says so', async () => {
    await scaler.putWorker({ workerId: 'w1' })
    const table = interfere(scaler.table, {
      before: async (action) => {
        if (action === 'write') await scaler.beatWorkers()
      },
    })
    const change = { workerId: 'w1', kind: 'give', order: order() } as const
    await expect(changeDrainOrder(table, change)).rejects.toThrow('changed 5 times')
  })
})

describe('where a silent worker is to be stopped', () => {
  async function fallSilent(): Promise<void> {
    await startWorkers('w1')
    await lookOften(scaler, 6)
  }

  it('and lives after all, the count is not lowered', async () => {
    await fallSilent()
    let hasBeaten = false
    const table = interfere(scaler.table, {
      before: async (action, detail) => {
        const isDecision = action === 'write' && JSON.stringify(detail).includes('"stops"')
        if (!isDecision || hasBeaten) return
        hasBeaten = true
        await scaler.beatWorkers()
      },
    })
    await lookOften(scaler, 1, { ...scaler.deps, table })
    expect(hasBeaten).toBe(true)
    expect(scaler.fleet.desired('a')).toBe(1)
  })

  it('and nothing is wanted, the count falls with it, also where it cannot be stopped', async () => {
    await fallSilent()
    scaler.fleet.broken.add('stopTask')
    await lookOften(scaler, 2)
    expect(scaler.fleet.desired('a')).toBe(0)
  })

  it('and more than it goes, no place is asked for in its stead', async () => {
    await startWorkers('w1', 'w2', 'w3', 'w4')
    const job = { jobId: 'j', attempt: 1, taskType: 'command', startedAt: 'x' } as const
    scaler.fleet.broken.add('stopTask')
    for (let round = 2; round < 9; round += 1) {
      const drained = { state: 'draining', drain: order(), beat: round } as const
      await scaler.putWorker({ workerId: 'w2', ...drained })
      await scaler.putWorker({ workerId: 'w3', ...drained })
      await scaler.putWorker({ workerId: 'w4', state: 'busy', jobs: [job], beat: round })
      if (round === 8) await scaler.fleet.setDesired('a', 4)
      await lookOften(scaler, 1)
    }
    expect(scaler.fleet.calls.at(-1)).toBe('setDesired a 1')
  })
})
