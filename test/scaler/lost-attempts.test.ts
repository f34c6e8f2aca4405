import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { beat } from '../../lib/job/life/attempt.ts'
import { requestCancel } from '../../lib/job/life/ending.ts'
import { changeJob } from '../../lib/job/store/change-job.ts'
import { PortUnavailable } from '../../lib/ports/port-unavailable.ts'
import { look } from '../../lib/scaler/look/look.ts'
import { interfere, lookOften, type OpenScaler, openScaler } from './a-scaler.ts'

let scaler: OpenScaler

beforeEach(() => {
  scaler = openScaler()
})
afterEach(async () => {
  await scaler.close()
})

const looks = (count: number, deps = scaler.deps) => lookOften(scaler, count, deps)

/** A job that worker w1 runs in a task that the fleet lists. */
async function addRunning(overrides = {}) {
  scaler.fleet.startTask('task-w1')
  await scaler.putWorker({ workerId: 'w1', state: 'busy' })
  return scaler.addJob({ ...scaler.runningJob('w1'), ...overrides })
}

async function beatJob(id: string): Promise<void> {
  const holder = { workerId: 'w1', attempt: 1 }
  await changeJob(scaler.table, { id }, (job) => beat(job, holder, {}))
}

describe('a worker that fell silent', () => {
  it('loses its job after the lease, and the next attempt gets its message at once', async () => {
    const { id } = await addRunning()
    await looks(3)
    expect(await scaler.job(id)).toMatchObject({ status: 'running', attempt: 1 })
    await looks(1)
    expect(await scaler.job(id)).toMatchObject({
      status: 'queued',
      lossesUsed: 1,
      attempts: [{ attempt: 1, reason: 'worker-lost' }],
    })
    expect(await scaler.messages('command')).toEqual([{ jobId: id, attempt: 2 }])
    expect(scaler.metrics.sum('AttemptsLost')).toBe(1)
  })

  it('keeps its job as long as its beat moves', async () => {
    const { id } = await addRunning()
    for (let round = 0; round < 12; round += 1) {
      await looks(1)
      if (round % 2 === 0) await beatJob(id)
    }
    expect(await scaler.job(id)).toMatchObject({ status: 'running', attempt: 1 })
  })

  it('keeps its job when it beats between the verdict and the write', async () => {
    const { id } = await addRunning()
    await looks(3)
    let hasBeaten = false
    const table = interfere(scaler.table, {
      before: async (action, detail) => {
        const isVerdict = action === 'write' && JSON.stringify(detail).includes('worker-lost')
        if (!isVerdict || hasBeaten) return
        hasBeaten = true
        await beatJob(id)
      },
    })
    await look({ ...scaler.deps, table }, 'clock')
    expect(hasBeaten).toBe(true)
    expect(await scaler.job(id)).toMatchObject({ status: 'running', lossesUsed: 0 })
  })

  it('fails its job when the loss budget is used up, and says so', async () => {
    const { id } = await addRunning({ retry: { maxRetries: 0, maxLosses: 0, backoffSeconds: 1 } })
    await looks(4)
    expect(await scaler.job(id)).toMatchObject({ status: 'failed', end: { reason: 'worker-lost' } })
    expect(await scaler.messages('output')).toMatchObject([{ jobId: id, reason: 'worker-lost' }])
  })

  it('ends a job that was asked to cancel as canceled, and says so', async () => {
    const { id } = await addRunning()
    await changeJob(scaler.table, { id }, (job) => requestCancel(job, 'me', scaler.clock.now()))
    await looks(4)
    expect(await scaler.job(id)).toMatchObject({ status: 'canceled' })
    expect(await scaler.messages('output')).toMatchObject([{ jobId: id, status: 'canceled' }])
  })
})

describe('after an absence of the scaler', () => {
  it('a machine that slept for an hour declares nothing lost', async () => {
    const { id } = await addRunning()
    await looks(3)
    scaler.clock.jump(3_600_000)
    await looks(1)
    expect(await scaler.job(id)).toMatchObject({ status: 'running' })
    await looks(2)
    expect(await scaler.job(id)).toMatchObject({ status: 'running' })
    await looks(1)
    expect(await scaler.job(id)).toMatchObject({ status: 'queued' })
  })

  it('a wall clock that goes back declares nothing lost either', async () => {
    const { id } = await addRunning()
    await looks(3)
    scaler.clock.jump(-3_600_000)
    await looks(3)
    expect(await scaler.job(id)).toMatchObject({ status: 'running' })
  })

  it('looks that could not read the rows prove no silence', async () => {
    const { id } = await addRunning()
    await looks(2)
    const table = interfere(scaler.table, {
      before: (action) => {
        if (action === 'queryIndex') throw new PortUnavailable('table', action, new Error('away'))
      },
    })
    await looks(5, { ...scaler.deps, table })
    await looks(1)
    expect(await scaler.job(id)).toMatchObject({ status: 'running' })
  })
})

describe('a worker whose task has stopped', () => {
  it.each(['stopped', 'forgotten'])('is lost at the next look: %s by the fleet', async (how) => {
    const { id } = await addRunning()
    await looks(1)
    if (how === 'stopped') scaler.fleet.endTask('task-w1')
    else scaler.fleet.forgetTask('task-w1')
    await looks(1)
    expect(await scaler.job(id)).toMatchObject({ status: 'queued', attempt: 1 })
    expect(await scaler.messages('command')).toEqual([{ jobId: id, attempt: 2 }])
    expect(await scaler.worker('w1')).toBeUndefined()
  })

  it('is not lost while the fleet cannot be observed', async () => {
    const { id } = await addRunning()
    scaler.fleet.endTask('task-w1')
    scaler.fleet.broken.add('observe')
    await looks(2)
    expect(await scaler.job(id)).toMatchObject({ status: 'running' })
  })

  it('does not keep silent leases from being lost when the fleet will not say', async () => {
    const { id } = await addRunning()
    scaler.fleet.forgetTask('task-w1')
    scaler.fleet.broken.add('findStopped')
    await looks(4)
    expect(await scaler.job(id)).toMatchObject({ status: 'queued' })
    expect(await scaler.worker('w1')).toBeDefined()
  })
})
