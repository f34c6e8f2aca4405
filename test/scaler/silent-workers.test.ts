import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { toTimestamp } from '../../lib/job/job.ts'
import { look } from '../../lib/scaler/look/look.ts'
import { readDecisions } from '../../lib/scaling/store/decision-history.ts'
import { interfere, lookOften, type OpenScaler, openScaler } from './a-scaler.ts'

let scaler: OpenScaler

beforeEach(async () => {
  scaler = openScaler({ max: 1 })
  await scaler.fleet.place('a', 'v1')
  await scaler.fleet.setDesired('a', 1)
  scaler.fleet.startTask('task-w1')
})
afterEach(async () => {
  await scaler.close()
})

const looks = (count: number, deps = scaler.deps) => lookOften(scaler, count, deps)

const stops = () => scaler.fleet.calls.filter((call) => call.startsWith('stopTask'))

describe('a worker that hangs where the maximum is reached', () => {
  it('is stopped after six looks, so that another one takes its place', async () => {
    await scaler.putWorker({ workerId: 'w1' })
    await scaler.addJob()
    await looks(6)
    expect(stops()).toEqual([])
    await looks(1)
    expect(stops()).toEqual(['stopTask task-w1'])
    expect(scaler.fleet.desired('a')).toBe(1)
    await looks(3)
    expect(stops()).toHaveLength(1)
    const { tasks } = await scaler.fleet.observe()
    expect(tasks[0]?.stoppedReason).toMatch(/^replacing-silent: /)
    const reasons = (await readDecisions(scaler.table)).map(({ reason }) => reason)
    expect(reasons).toContain('replacing-silent')
    const lines = scaler.log.lines.filter((line) => line.startsWith('silent worker stopped'))
    expect(lines).toHaveLength(1)
    expect(lines[0]).toContain('"taskId":"task-w1"')
  })

  it('keeps its task while it holds a lease, and loses it once the reaper has taken its jobs', async () => {
    const job = scaler.runningJob('w1')
    const { id } = await scaler.addJob({ ...job, lease: { ...job.lease!, leaseSeconds: 100 } })
    const jobs = [{ jobId: id, attempt: 1, taskType: 'command', startedAt: 'x' }] as const
    const protectedUntil = toTimestamp(scaler.clock.now() - 3_600_000)
    await scaler.putWorker({ workerId: 'w1', state: 'busy', jobs, protectedUntil })
    await looks(10)
    expect(stops()).toEqual([])
    await looks(2)
    expect(await scaler.job(id)).toMatchObject({ status: 'queued' })
    expect(stops()).toEqual(['stopTask task-w1'])
  })

  it('is left alone when a lease appears that its row did not speak of', async () => {
    await scaler.putWorker({ workerId: 'w1' })
    await looks(6)
    const job = scaler.runningJob('w1')
    await scaler.addJob({ ...job, lease: { ...job.lease!, leaseSeconds: 600 } })
    await looks(3)
    expect(stops()).toEqual([])
  })

  it('is left alone when it writes its row just before it would be stopped', async () => {
    await scaler.putWorker({ workerId: 'w1' })
    await scaler.addJob()
    await looks(6)
    let hasBeaten = false
    const table = interfere(scaler.table, {
      before: async (action, detail) => {
        const isDecision = action === 'write' && JSON.stringify(detail).includes('"stops"')
        if (!isDecision || hasBeaten) return
        hasBeaten = true
        await scaler.beatWorkers()
      },
    })
    await looks(3, { ...scaler.deps, table })
    expect(hasBeaten).toBe(true)
    expect(stops()).toEqual([])
    expect(scaler.fleet.desired('a')).toBe(1)
  })

  it('is left alone where its row cannot be read again', async () => {
    await scaler.putWorker({ workerId: 'w1' })
    await scaler.addJob()
    const table = interfere(scaler.table, {
      before: (action, detail) => {
        const isRow = action === 'get' && JSON.stringify(detail).includes('w1')
        if (isRow) throw new Error('away')
      },
    })
    await looks(9, { ...scaler.deps, table })
    expect(stops()).toEqual([])
  })

  it('is left alone in a look whose time is up', async () => {
    await scaler.putWorker({ workerId: 'w1' })
    await scaler.addJob()
    await looks(6)
    let isSlow = true
    const table = interfere(scaler.table, {
      before: async (action, detail) => {
        const isRead = action === 'queryIndex' && JSON.stringify(detail).includes('running')
        if (isRead && isSlow) await scaler.clock.advance(4000)
      },
    })
    await look({ ...scaler.deps, table }, 'clock')
    expect(stops()).toEqual([])
    isSlow = false
    await scaler.clock.advance(2000)
    await looks(1, { ...scaler.deps, table })
    expect(stops()).toEqual(['stopTask task-w1'])
  })

  it.each(['observe', 'scaler away'])('is left alone without a full view: %s', async (what) => {
    await scaler.putWorker({ workerId: 'w1' })
    await scaler.addJob()
    await looks(5)
    if (what === 'observe') scaler.fleet.broken.add('observe')
    else scaler.clock.jump(3_600_000)
    await looks(5)
    expect(stops()).toEqual([])
  })

  it('is left alone while the running jobs cannot be read', async () => {
    await scaler.putWorker({ workerId: 'w1' })
    await scaler.addJob()
    const table = interfere(scaler.table, {
      before: (action, detail) => {
        const isRunning = action === 'queryIndex' && JSON.stringify(detail).includes('running')
        if (isRunning) throw new Error('away')
      },
    })
    await looks(9, { ...scaler.deps, table })
    expect(stops()).toEqual([])
  })

  it('does not block the queue where it cannot be stopped: one more is asked for, once', async () => {
    await scaler.putWorker({ workerId: 'w1' })
    await scaler.addJob()
    scaler.fleet.broken.add('stopTask')
    await looks(7)
    expect(scaler.fleet.desired('a')).toBe(2)
    scaler.fleet.startTask('task-w2')
    await looks(3)
    expect(scaler.fleet.desired('a')).toBe(2)
    scaler.fleet.broken.clear()
    await looks(1)
    expect(scaler.fleet.desired('a')).toBe(1)
  })
})
