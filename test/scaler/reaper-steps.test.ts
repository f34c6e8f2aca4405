import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { toTimestamp } from '../../lib/job/job.ts'
import { look } from '../../lib/scaler/look/look.ts'
import { Steps } from '../../lib/scaler/look/steps.ts'
import { forEachJob } from '../../lib/scaler/reaper/reaper-step.ts'
import { loseAttempts } from '../../lib/scaler/reaper/lose-attempts.ts'
import { readState } from '../../lib/scaler/scaler-state.ts'
import { aJob } from '../support/a-job.ts'
import { fillWaiting } from '../overload/fill-waiting.ts'
import { interfere, lookOften, type OpenScaler, openScaler } from './a-scaler.ts'

let scaler: OpenScaler

beforeEach(() => {
  scaler = openScaler()
})
afterEach(async () => {
  await scaler.close()
})

/** Tasks that the fleet was asked for, one entry a call. */
function watchFindStopped(): string[][] {
  const asked: string[][] = []
  const findStopped = scaler.fleet.findStopped.bind(scaler.fleet)
  scaler.fleet.findStopped = (ids) => (asked.push([...ids]), findStopped(ids))
  return asked
}

describe('rows of workers whose task has stopped', () => {
  it('stay while they hold a lease that could not be taken from them', async () => {
    await scaler.putWorker({ workerId: 'w1', state: 'busy' })
    const { id } = await scaler.addJob(scaler.runningJob('w1'))
    const table = interfere(scaler.table, {
      before: (action, detail) => {
        if (action === 'write' && JSON.stringify(detail).includes(`job#${id}`))
          throw new Error('no')
      },
    })
    await look({ ...scaler.deps, table }, 'clock')
    expect(await scaler.worker('w1')).toBeDefined()
  })

  it('stay when they were written since, and do not count as deleted', async () => {
    await scaler.putWorker({ workerId: 'w1' })
    const table = interfere(scaler.table, {
      before: async (action, detail) => {
        const isDelete = action === 'write' && JSON.stringify(detail).includes('"delete"')
        if (isDelete) await scaler.beatWorkers()
      },
    })
    const report = await look({ ...scaler.deps, table }, 'clock')
    expect(report).toMatchObject({ reaped: { cleaned: 0 } })
    expect(await scaler.worker('w1')).toBeDefined()
    expect(await look(scaler.deps, 'clock')).toMatchObject({ reaped: { cleaned: 1 } })
  })
})

describe('the fleet', () => {
  it('is asked only for tasks that were not seen alive, those with leases first', async () => {
    const asked = watchFindStopped()
    scaler.fleet.startTask('task-w1')
    await scaler.putWorker({ workerId: 'w1' })
    await look(scaler.deps, 'clock')
    expect(asked).toEqual([])
    await scaler.putWorker({ workerId: 'w0' })
    await scaler.addJob(scaler.runningJob('w2'))
    await look(scaler.deps, 'clock')
    expect(asked).toEqual([['task-w2', 'task-w0']])
  })
})

describe('a worker that is gone', () => {
  it('is one warning for each attempt that is lost with it', async () => {
    await scaler.addJob(scaler.runningJob('w1'))
    await look(scaler.deps, 'clock')
    const lines = scaler.log.lines.filter((line) => line.startsWith('attempt lost'))
    expect(lines).toHaveLength(1)
    expect(lines[0]).toContain('worker w1 has stopped')
  })

  it('loses attempts while there is time, one at the least, and the others in the next look', async () => {
    for (const worker of ['w1', 'w2', 'w3', 'w4']) await scaler.addJob(scaler.runningJob(worker))
    const table = interfere(scaler.table, {
      before: async (action, detail) => {
        const isLoss = action === 'write' && JSON.stringify(detail).includes('worker-lost')
        if (isLoss) await scaler.clock.advance(2500)
      },
    })
    expect(await look({ ...scaler.deps, table }, 'clock')).toMatchObject({ reaped: { lost: 1 } })
    expect(await look(scaler.deps, 'clock')).toMatchObject({ reaped: { lost: 3 } })
  })

  it('is remembered as without lease only where it does not say that it is free', async () => {
    for (const id of ['w1', 'w2']) scaler.fleet.startTask(`task-${id}`)
    await scaler.putWorker({ workerId: 'w1', state: 'busy' })
    await scaler.putWorker({ workerId: 'w2' })
    await look(scaler.deps, 'clock')
    const memory = (await readState(scaler.table)).state.reaper['running-jobs']!
    expect(memory.withoutLease).toEqual(['w1'])
    const { withoutLease: _none, ...rest } = memory
    expect(loseAttempts.afterFailure?.(memory)).toEqual(rest)
  })
})

describe('a job that waited too long', () => {
  it('ends also where it stands far beyond the rows that a look reads, within a few looks', async () => {
    const { clock } = scaler
    await fillWaiting(scaler, { count: 1450, nowMs: clock.now() })
    const limits = { runSeconds: 0, queueSeconds: 1, graceSeconds: 1 }
    const { id } = await scaler.addJob({ id: '3711718195299999999', limits })
    await clock.advance(2000)
    await lookOften(scaler, 2)
    expect((await scaler.job(id))?.status).toBe('queued')
    await lookOften(scaler, 1)
    expect((await scaler.job(id))?.status).toBe('failed')
  })
})

describe('the ready message in a deep queue', () => {
  const due = () => ({ readyAt: toTimestamp(scaler.clock.now()), readySent: 1 })
  const reap = async () => {
    const report = await look({ ...scaler.deps, deepQueueMessages: 2 }, 'clock')
    return report.kind === 'looked' ? report.reaped.resent : undefined
  }

  beforeEach(async () => {
    scaler.fleet.startTask('task-w1')
    await scaler.putWorker({ workerId: 'w1', state: 'busy' })
    await scaler.queues.send('command', [{ body: '1' }, { body: '2' }])
  })

  it('is sent again for a further attempt, whoever else runs', async () => {
    await scaler.addJob(scaler.runningJob('w1'))
    await scaler.addJob({ ...due(), attempt: 1 })
    expect(await reap()).toBe(1)
  })

  it('is sent again for a type whose own queue is short', async () => {
    await scaler.addJob({ ...scaler.runningJob('w1'), taskType: 'query' })
    await scaler.addJob({ ...due(), taskType: 'query' })
    expect(await reap()).toBe(1)
  })

  it('is judged by the newest job that runs', async () => {
    await scaler.addJob(scaler.runningJob('w1'))
    await scaler.addJob(due())
    await scaler.addJob(scaler.runningJob('w1'))
    await scaler.addJob(due())
    expect(await reap()).toBe(1)
  })
})

describe('dead letters', () => {
  it('count also while somebody looks at them, and after the wall clock went back', async () => {
    await scaler.addJob()
    await scaler.queues.send('dead', [{ body: '1' }])
    await scaler.queues.receive('dead', { max: 1, waitSeconds: 0, visibilitySeconds: 60 })
    expect(await look(scaler.deps, 'clock')).toMatchObject({ reaped: { deadLetters: 1 } })
    scaler.clock.jump(-3_600_000)
    expect(await look(scaler.deps, 'clock')).toMatchObject({ reaped: { deadLetters: 1 } })
  })
})

describe('a step over many jobs', () => {
  it('says whether every job had its turn, also where the last three failed', async () => {
    const jobs = [1, 2, 3, 4].map((rev) => ({ job: aJob(), rev }))
    const run = (broken: readonly number[]) => {
      const act = ({ rev }: { readonly rev: number }) =>
        broken.includes(rev) ? Promise.reject(new Error('no')) : Promise.resolve()
      return forEachJob(new Steps(scaler.deps, 1000), jobs, ['act', act])
    }
    expect(await run([])).toBe(true)
    expect(await run([1, 2, 4])).toBe(true)
    expect(await run([2, 3, 4])).toBe(false)
  })
})
