import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { toTimestamp } from '../../lib/job/job.ts'
import { requestCancel } from '../../lib/job/life/ending.ts'
import { changeJob } from '../../lib/job/store/change-job.ts'
import { readJob } from '../../lib/job/store/job-row.ts'
import { sendReady } from '../../lib/job/store/send-ready.ts'
import { look } from '../../lib/scaler/look/look.ts'
import { interfere, lookOften, type OpenScaler, openScaler, withoutSend } from './a-scaler.ts'

let scaler: OpenScaler

beforeEach(() => {
  scaler = openScaler()
})
afterEach(async () => {
  await scaler.close()
})

/** A job that worker w1 runs in a task that the fleet lists. */
async function addRunning(overrides = {}) {
  scaler.fleet.startTask('task-w1')
  await scaler.putWorker({ workerId: 'w1', state: 'busy' })
  return scaler.addJob({ ...scaler.runningJob('w1'), ...overrides })
}

describe('the ready message of a queued job', () => {
  it('is sent once it is due, and its next time is moved first', async () => {
    const { id } = await scaler.addJob({ readyAt: toTimestamp(scaler.clock.now()) })
    await look(scaler.deps, 'clock')
    await look(scaler.deps, 'clock')
    expect(await scaler.messages('command')).toEqual([{ jobId: id, attempt: 1 }])
    const readyAt = toTimestamp(scaler.clock.now() + 600_000)
    expect(await scaler.job(id)).toMatchObject({ readyAt, readySent: 1 })
  })

  it('is sent within half a minute once a queue that took nothing is back', async () => {
    const { id } = await scaler.addJob({ readyAt: toTimestamp(scaler.clock.now()) })
    const queues = withoutSend(scaler)
    for (let count = 0; count < 12; count += 1) {
      await look({ ...scaler.deps, queues }, 'clock')
      await scaler.clock.advance(10_000)
    }
    await scaler.clock.advance(20_000)
    await look(scaler.deps, 'clock')
    expect(await scaler.messages('command')).toEqual([{ jobId: id, attempt: 1 }])
    expect(await scaler.job(id)).toMatchObject({ readySent: 1 })
  })

  it('is sent although that of another job fails', async () => {
    const readyAt = toTimestamp(scaler.clock.now())
    const first = await scaler.addJob({ readyAt })
    const second = await scaler.addJob({ readyAt })
    const table = interfere(scaler.table, {
      before: (action, detail) => {
        const isFirst = action === 'write' && JSON.stringify(detail).includes(`job#${first.id}`)
        if (isFirst) throw new Error('broken row')
      },
    })
    const report = await look({ ...scaler.deps, table }, 'clock')
    expect(report).toMatchObject({
      failures: [{ step: 'resend ready message' }],
      reaped: { resent: 1 },
    })
    expect(await scaler.messages('command')).toEqual([{ jobId: second.id, attempt: 1 }])
  })

  it('is sent by a later look where the scaler died before it was', async () => {
    const { id } = await addRunning()
    await lookOften(scaler, 3)
    const queues = withoutSend(scaler)
    await lookOften(scaler, 1, { ...scaler.deps, queues })
    expect(await scaler.job(id)).toMatchObject({ status: 'queued', attempt: 1 })
    await scaler.clock.advance(600_000)
    await look(scaler.deps, 'clock')
    expect(await scaler.messages('command')).toEqual([{ jobId: id, attempt: 2 }])
  })

  it('is sent for 500 jobs in one look, and for the rest in the next', async () => {
    const readyAt = toTimestamp(scaler.clock.now())
    for (let job = 0; job < 550; job += 1) await scaler.addJob({ readyAt })
    expect(await look(scaler.deps, 'clock')).toMatchObject({ reaped: { resent: 500 } })
    expect(await look(scaler.deps, 'clock')).toMatchObject({ reaped: { resent: 50 } })
  })

  it('is sent by nobody else for 30 s while it is being sent, or after that failed', async () => {
    const { id } = await scaler.addJob({ readyAt: toTimestamp(scaler.clock.now()) })
    let sends = 0
    const queues = withoutSend(scaler, () => (sends += 1))
    await look({ ...scaler.deps, queues }, 'clock')
    const readyAt = toTimestamp(scaler.clock.now() + 30_000)
    expect(await scaler.job(id)).toMatchObject({ readyAt, readySent: 0 })
    await lookOften(scaler, 3, { ...scaler.deps, queues })
    expect(sends).toBe(1)
    await look({ ...scaler.deps, queues }, 'clock')
    expect(sends).toBe(2)
  })

  it('does not count as sent where somebody else sent it first', async () => {
    const { id } = await scaler.addJob({ readyAt: toTimestamp(scaler.clock.now()) })
    let other: boolean | undefined
    const table = interfere(scaler.table, {
      before: async (action, detail) => {
        const isReserve = action === 'write' && JSON.stringify(detail).includes(`job#${id}`)
        if (!isReserve || other !== undefined) return
        other = await sendReady(scaler.deps, (await readJob(scaler.table, id))!)
      },
    })
    const report = await look({ ...scaler.deps, table }, 'clock')
    expect(other).toBe(true)
    expect(report).toMatchObject({ reaped: { resent: 0 } })
    expect(await scaler.messages('command')).toHaveLength(1)
  })

  it('of a job that ended meanwhile is not sent', async () => {
    const { id } = await scaler.addJob({ readyAt: toTimestamp(scaler.clock.now()) })
    let isCanceled = false
    const table = interfere(scaler.table, {
      before: async (action) => {
        if (action !== 'getMany' || isCanceled) return
        isCanceled = true
        await changeJob(scaler.table, { id }, (job) => requestCancel(job, 'me', scaler.clock.now()))
      },
    })
    await look({ ...scaler.deps, table }, 'clock')
    expect(isCanceled).toBe(true)
    expect(await scaler.messages('command')).toEqual([])
  })
})
