import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Job, toTimestamp } from '../../lib/job/job.ts'
import { look } from '../../lib/scaler/look/look.ts'
import { lookOften, type OpenScaler, openScaler } from './a-scaler.ts'

let scaler: OpenScaler

beforeEach(() => {
  scaler = openScaler()
})
afterEach(async () => {
  await scaler.close()
})

/** The samples of one look, the last of each name. */
async function samplesOf(): Promise<Record<string, number>> {
  const before = scaler.metrics.samples.length
  await look(scaler.deps, 'clock')
  const samples = scaler.metrics.samples.slice(before)
  return Object.fromEntries(samples.map(({ name, value }) => [name, value]))
}

describe('the metrics of a look', () => {
  beforeEach(async () => {
    for (const id of ['w1', 'w2', 'w3'])
      scaler.fleet.startTask(`task-${id}`, id === 'w3' ? 'b' : 'a')
    const job = { jobId: 'j', attempt: 1, taskType: 'command', startedAt: 'x' } as const
    await scaler.putWorker({ workerId: 'w1', state: 'busy', jobs: [job] })
    await scaler.putWorker({ workerId: 'w2' })
  })

  it('are what it saw and decided', async () => {
    await scaler.addJob(scaler.runningJob('w1'))
    await scaler.addJob()
    await scaler.addJob({ taskType: 'query' })
    await scaler.queues.send('command', [{ body: '1' }, { body: '2' }, { body: '3' }])
    await scaler.queues.send('query', [{ body: '1' }])
    await scaler.clock.advance(5000)
    expect(await samplesOf()).toMatchObject({
      JobsWaiting: 2,
      OldestWaitingSeconds: 5,
      JobsRunning: 1,
      WorkersBusy: 1,
      WorkersRunning: 3,
      QueueDepthDifference: 2,
      AttemptsLost: 0,
      ScalerLookFailed: 0,
    })
  })

  it('leave out what it did not see, and say that it failed', async () => {
    await scaler.addJob()
    scaler.fleet.broken.add('observe')
    const samples = await samplesOf()
    expect(samples).toMatchObject({ ScalerLookFailed: 1, JobsWaiting: 1, WorkersBusy: 1 })
    expect(samples).not.toHaveProperty('WorkersRunning')
  })

  it('say that it failed where it saw everything but could not act', async () => {
    for (let job = 0; job < 9; job += 1) await scaler.addJob()
    scaler.fleet.broken.add('setDesired')
    expect(await samplesOf()).toMatchObject({ ScalerLookFailed: 1 })
  })
})

describe('the metrics of ended jobs', () => {
  const at = (seconds: number) => toTimestamp(scaler.clock.now() + seconds * 1000)

  function ended(status: 'succeeded' | 'failed', overrides: Partial<Job> = {}): Promise<Job> {
    const end = { reason: 'completed', message: 'done' } as const
    return scaler.addJob({ status, attempt: 1, end, endedAt: at(0), ...overrides })
  }

  it('have the wait before the first attempt and the time of the last one', async () => {
    await scaler.addJob()
    await lookOften(scaler, 1)
    const attempt = (number: number, from: number, to: number) =>
      ({ attempt: number, workerId: 'w', startedAt: at(from), endedAt: at(to) }) as never
    await ended('succeeded', {
      acceptedAt: at(-100),
      attempts: [attempt(1, -90, -70), attempt(2, -40, -10)],
    })
    await ended('failed')
    await lookOften(scaler, 2)
    expect(scaler.metrics.sum('JobsSucceeded')).toBe(1)
    expect(scaler.metrics.sum('JobsFailed')).toBe(1)
    expect(scaler.metrics.sum('WaitSeconds')).toBe(10)
    expect(scaler.metrics.sum('RunSeconds')).toBe(30)
  })

  it('count no end from before the first look', async () => {
    await ended('succeeded')
    await scaler.addJob()
    await lookOften(scaler, 2)
    expect(scaler.metrics.sum('JobsSucceeded')).toBe(0)
  })

  it('count hundreds of ends in one look, each once, and those that come a minute late', async () => {
    await scaler.addJob()
    await lookOften(scaler, 1)
    for (let job = 0; job < 250; job += 1) await ended('succeeded')
    await lookOften(scaler, 2)
    expect(scaler.metrics.sum('JobsSucceeded')).toBe(250)
    await ended('succeeded', { endedAt: at(-70) })
    await lookOften(scaler, 2)
    expect(scaler.metrics.sum('JobsSucceeded')).toBe(251)
  })
})
