import { describe, expect, it } from 'vitest'
import { decide } from '../../lib/scaling/decide.ts'
import { EMPTY_MEMORY, type ScalerMemory } from '../../lib/scaling/memory.ts'
import { NOON_MS } from '../support/a-job.ts'
import { aBusyWorker, anObservation, aPolicy, aWorker } from './an-observation.ts'
import { type Case, FALLING, runCase } from './run-case.ts'

describe('the PAI-EAS strategy', () => {
  it.each<Case>([
    {
      name: 'leaves zero for the first waiting job',
      scene: { waiting: { command: 1 } },
      wanted: 1,
      reason: 'leaving-zero',
      desired: { a: 1, b: 0 },
    },
    {
      name: 'wants one worker per two waiting jobs: 5 waiting, 3 workers',
      scene: { waiting: { command: 5 } },
      wanted: 3,
      reason: 'leaving-zero',
    },
    {
      name: 'starts the activation workers at once when it leaves zero',
      scene: { waiting: { command: 1 } },
      policy: { activationWorkers: 4 },
      wanted: 4,
      reason: 'leaving-zero',
    },
    {
      name: 'keeps the activation workers while something waits',
      scene: { waiting: { command: 1 }, unreported: 4 },
      memory: { wanted: 4, activation: 4, ...FALLING },
      wanted: 4,
      reason: 'young-jobs',
      desired: { a: 4 },
    },
    {
      name: 'never starts more activation workers than the maximum',
      scene: { waiting: { command: 1 } },
      policy: { activationWorkers: 8, max: 2 },
      wanted: 2,
      reason: 'leaving-zero',
    },
    {
      name: 'counts workers that are on their way: 2 waiting, 1 starting, none is added',
      scene: { waiting: { command: 2 }, unreported: 1 },
      memory: { wanted: 1 },
      wanted: 1,
      reason: 'steady',
    },
    {
      name: 'takes the age at which a worker counts as occupied from the policy',
      scene: { waiting: { command: 1 }, workers: [aBusyWorker('w1', 5)] },
      memory: { wanted: 1 },
      wanted: 2,
      reason: 'waiting-jobs',
      policy: { occupiedAfterSeconds: 5 },
    },
    {
      name: 'adds no worker while the running job may be short',
      scene: { waiting: { command: 1 }, workers: [aBusyWorker('w1', 29)] },
      memory: { wanted: 1 },
      wanted: 1,
      reason: 'steady',
    },
    {
      name: 'adds a worker once the running job is 30 s old: nothing waits behind a long training',
      scene: { waiting: { command: 1 }, workers: [aBusyWorker('w1', 30)] },
      memory: { wanted: 1 },
      wanted: 2,
      reason: 'waiting-jobs',
      desired: { a: 2 },
    },
    {
      name: 'does not give starting workers up because the first ones took their jobs',
      scene: { waiting: { command: 3 }, workers: [aBusyWorker('w1', 2)], unreported: 2 },
      memory: { wanted: 3, ...FALLING },
      wanted: 3,
      reason: 'young-jobs',
      desired: { a: 3 },
    },
    {
      name: 'stops at the maximum',
      scene: { waiting: { command: 100 } },
      memory: { wanted: 10 },
      wanted: 10,
      reason: 'at-max',
    },
    {
      name: 'keeps the minimum warm',
      scene: { workers: [aWorker('w1')] },
      policy: { min: 1 },
      memory: { wanted: 1, ...FALLING },
      wanted: 1,
      reason: 'min-warm',
      drains: [],
    },
    {
      name: 'starts the minimum without any job',
      scene: {},
      policy: { min: 2 },
      wanted: 2,
      reason: 'below-min',
      desired: { a: 2 },
    },
    {
      name: 'treats a training and the queries that it keeps out as occupied',
      scene: { waiting: { query: 3 }, workers: [aBusyWorker('w1', 60)] },
      memory: { wanted: 1 },
      wanted: 3,
      reason: 'waiting-jobs',
    },
  ])('$name', (row) => {
    const { actual, expected } = runCase(row)
    expect(actual).toEqual(expected)
  })

  it('does not let short queries that take turns keep a command out for ever', () => {
    const query = { jobId: 'q', taskType: 'query', startedAtMs: NOON_MS - 500 } as const
    const worker = aWorker('w1', { state: 'busy', free: { command: 0, query: 4 }, jobs: [query] })
    const seen = anObservation({ waiting: { command: 1 }, workers: [worker] })
    const counts = { command: 1, query: 0 }
    const oldestQueuedAtMs = { command: NOON_MS - 31_000 }
    const waited = {
      ...seen,
      waiting: { seen: true, value: { counts, isComplete: true, oldestQueuedAtMs } },
    } as const
    const memory = { ...EMPTY_MEMORY, wanted: 1 }
    expect(decide(seen, memory, aPolicy(), NOON_MS).decision.wanted).toBe(1)
    expect(decide(waited, memory, aPolicy(), NOON_MS).decision.wanted).toBe(2)
  })

  it('replaces a worker that fell silent while a job waits', () => {
    const seen = anObservation({ waiting: { command: 1 }, workers: [aWorker('w1', { beat: 7 })] })
    const memory: ScalerMemory = {
      ...EMPTY_MEMORY,
      wanted: 1,
      lookedAtMs: NOON_MS - 10_000,
      beats: { w1: [7, NOON_MS - 60_000] },
    }
    const { decision } = decide(seen, memory, aPolicy(), NOON_MS)
    expect(decision).toMatchObject({ wanted: 1, desired: { a: 1 }, stops: [{ workerId: 'w1' }] })
    const afterSleep = { ...memory, lookedAtMs: NOON_MS - 3_600_000 }
    expect(decide(seen, afterSleep, aPolicy(), NOON_MS).decision.stops).toBeUndefined()
  })
})
