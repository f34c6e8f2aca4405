import { describe, expect, it } from 'vitest'
import { type Job, toTimestamp } from '../../lib/job/job.ts'
import {
  countReady,
  meanRunSeconds,
  toFleetFacts,
  toServiceFacts,
  toWorkerFacts,
} from '../../lib/scaler/look/to-facts.ts'
import type { WorkerRow } from '../../lib/scaling/worker-row.ts'
import { aJob, NOON_MS } from '../support/a-job.ts'
import { aService } from '../support/a-service.ts'

const at = (seconds: number) => toTimestamp(NOON_MS + seconds * 1000)
const page = (jobs: readonly Job[], next?: string) => ({
  jobs: jobs.map((job) => ({ job, rev: 1 })),
  isWhole: true,
  ...(next !== undefined && { next }),
})

describe('waiting jobs', () => {
  const count = (jobs: readonly Job[], next?: string) => countReady(page(jobs, next), NOON_MS)

  it('are counted by type, with the time of the oldest of each', () => {
    const jobs = [
      aJob({ queuedAt: at(-20) }),
      aJob({ queuedAt: at(-30) }),
      aJob({ queuedAt: at(-10) }),
      aJob({ taskType: 'query', queuedAt: at(-5) }),
    ]
    expect(count(jobs)).toEqual({
      counts: { command: 3, query: 1 },
      isComplete: true,
      oldestQueuedAtMs: { command: NOON_MS - 30_000, query: NOON_MS - 5000 },
    })
  })

  it('are "at least as many" where the page ended before the rows did', () => {
    expect(count([aJob()], 'more').isComplete).toBe(false)
  })

  it('do not include a row that has changed since the index was read', () => {
    expect(count([aJob({ status: 'running' })]).counts).toEqual({ command: 0, query: 0 })
  })

  it.each([
    ['a retry that backs off', { attempt: 1, readySent: 0, readyAt: at(1) }, 0],
    ['a retry whose back-off ends now', { attempt: 1, readySent: 0, readyAt: at(0) }, 1],
    ['a retry whose message was sent', { attempt: 1, readySent: 1, readyAt: at(600) }, 1],
    ['a new job whose message is due later', { attempt: 0, readySent: 0, readyAt: at(600) }, 1],
  ])('include %s or not: %o: %i', (_name, job, expected) => {
    expect(count([aJob(job)]).counts.command).toBe(expected)
  })
})

describe('run times', () => {
  it('are the mean of each type that has some', () => {
    const ran = (seconds: number) => ({ startedAt: at(0), endedAt: at(seconds) })
    const jobs = [
      aJob(ran(10)),
      aJob(ran(20)),
      aJob({ startedAt: at(0) }),
      aJob({ endedAt: at(9) }),
    ]
    expect(meanRunSeconds(page(jobs))).toEqual({ command: 15 })
  })

  it('are never negative, whatever the two clocks said', () => {
    const job = aJob({ taskType: 'query', startedAt: at(5), endedAt: at(0) })
    expect(meanRunSeconds(page([job]))).toEqual({ query: 0 })
  })
})

describe('a worker', () => {
  const row: WorkerRow = {
    workerId: 'w1',
    taskId: 't1',
    version: 'v1',
    state: 'busy',
    slots: { command: { total: 1, taken: 0 }, query: { total: 5, taken: 2 } },
    jobs: [{ jobId: 'j1', attempt: 1, taskType: 'query', startedAt: at(-3) }],
    startedAt: at(-60),
    beatAt: at(0),
    beat: 7,
    protectedUntil: at(60),
    drain: { reason: 'surplus', orderedAt: at(-1), expiresAt: at(119) },
  }

  it('is what its row says', () => {
    expect(toWorkerFacts(row, true)).toEqual({
      workerId: 'w1',
      taskId: 't1',
      version: 'v1',
      state: 'busy',
      beat: 7,
      free: { command: 1, query: 3 },
      jobs: [{ jobId: 'j1', taskType: 'query', startedAtMs: NOON_MS - 3000 }],
      protectedUntilMs: NOON_MS + 60_000,
      drain: { reason: 'surplus', expiresAtMs: NOON_MS + 119_000 },
    })
  })

  it('takes no job of a type beside the other, unless the service says so', () => {
    expect(toWorkerFacts(row, false).free).toEqual({ command: 0, query: 3 })
    const slots = { command: { total: 1, taken: 1 }, query: { total: 5, taken: 0 } }
    expect(toWorkerFacts({ ...row, slots }, false).free).toEqual({ command: 0, query: 0 })
    expect(toWorkerFacts({ ...row, slots }, true).free).toEqual({ command: 0, query: 5 })
  })

  it('has no negative room where more is taken than there is', () => {
    const slots = { command: { total: 1, taken: 2 }, query: { total: 0, taken: 0 } }
    expect(toWorkerFacts({ ...row, slots }, true).free).toEqual({ command: 0, query: 0 })
  })
})

describe('service and fleet', () => {
  it('have no slots for a type that the service does not take', () => {
    const service = aService()
    const commands = toServiceFacts({ ...service, taskTypes: ['command'] })
    expect(commands.slots).toEqual({ command: service.slots.command, query: 0 })
    expect(commands).toMatchObject({ lookSeconds: 0.5, beatSeconds: 0.2 })
  })

  it('leave out tasks that have stopped', () => {
    const side = { desired: 1, running: 1, pending: 0 }
    const facts = toFleetFacts({
      sides: { a: { ...side, version: 'v1' }, b: side },
      tasks: [
        { taskId: 't1', side: 'a', version: 'v1', state: 'running' },
        { taskId: 't2', side: 'b', version: 'v1', state: 'stopped' },
      ],
      latestVersion: 'v2',
    })
    expect(facts).toEqual({
      sides: { a: { version: 'v1', desired: 1 }, b: { desired: 1 } },
      tasks: [{ taskId: 't1', side: 'a', state: 'running' }],
      latestVersion: 'v2',
    })
  })
})
