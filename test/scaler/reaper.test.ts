import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { requestCancel } from '../../lib/job/life/ending.ts'
import { changeJob } from '../../lib/job/store/change-job.ts'
import { look } from '../../lib/scaler/look/look.ts'
import { lookOften, type OpenScaler, openScaler } from './a-scaler.ts'

let scaler: OpenScaler

beforeEach(() => {
  scaler = openScaler()
})
afterEach(async () => {
  await scaler.close()
})

describe('the reaper', () => {
  it('ends a job that waited too long for its first attempt, and says so', async () => {
    const limits = { runSeconds: 0, queueSeconds: 60, graceSeconds: 1 }
    const { id } = await scaler.addJob({ limits })
    const other = await scaler.addJob({ limits, attempt: 1 })
    await scaler.clock.advance(60_000)
    await look(scaler.deps, 'clock')
    expect(await scaler.job(id)).toMatchObject({ end: { reason: 'expired-in-queue' } })
    expect(await scaler.messages('output')).toMatchObject([{ jobId: id, status: 'failed' }])
    expect(await scaler.job(other.id)).toMatchObject({ status: 'queued' })
  })

  it('counts dead letters every half minute, and leaves them alone', async () => {
    await scaler.queues.send('dead', [{ body: '{}' }])
    await scaler.addJob()
    await lookOften(scaler, 3)
    expect(scaler.metrics.sum('DeadLetters')).toBe(1)
    await lookOften(scaler, 3)
    expect(scaler.metrics.sum('DeadLetters')).toBe(2)
    expect(await scaler.messages('dead')).toHaveLength(1)
  })
})

describe('ends', () => {
  it('are counted once each, whoever ended the job', async () => {
    scaler.fleet.startTask('task-w1')
    await scaler.putWorker({ workerId: 'w1', state: 'idle' })
    await lookOften(scaler, 1)
    const { id } = await scaler.addJob({})
    const atMs = scaler.clock.now()
    await changeJob(scaler.table, { id }, (job) => requestCancel(job, 'me', atMs))
    await lookOften(scaler, 4)
    expect(scaler.metrics.sum('JobsCanceled')).toBe(1)
    expect(scaler.metrics.sum('JobsSucceeded')).toBe(0)
  })
})
