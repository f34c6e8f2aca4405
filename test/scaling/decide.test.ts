import { describe, expect, it } from 'vitest'
import { decide } from '../../lib/scaling/decide.ts'
import { EMPTY_MEMORY, type ScalerMemory } from '../../lib/scaling/memory.ts'
import { NOON_MS } from '../support/a-job.ts'
import { aBusyWorker, aDraining, anObservation, aPolicy, aWorker } from './an-observation.ts'
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

describe('the target wait', () => {
  const alone = { policy: { strategies: { target_wait_seconds: 60 } } }
  it.each<Case>([
    {
      name: 'gives every waiting command a worker while nothing is measured',
      scene: { waiting: { command: 4 } },
      ...alone,
      wanted: 4,
      reason: 'leaving-zero',
    },
    {
      name: 'lets unmeasured queries share the slots: 12 queries, 5 slots, 3 workers',
      scene: { waiting: { query: 12 } },
      policy: { strategies: { target_wait_seconds: 60, avg_waiting_length: 100 } },
      wanted: 3,
      reason: 'leaving-zero',
    },
    {
      name: 'lets short queries queue up: 155 of 2 s fit one worker within a minute',
      scene: { waiting: { query: 155 } },
      policy: { strategies: { target_wait_seconds: 60, avg_waiting_length: 1000 } },
      memory: { runSeconds: { query: 2 } },
      wanted: 1,
      reason: 'leaving-zero',
    },
    {
      name: 'and 156 need a second one',
      scene: { waiting: { query: 156 } },
      policy: { strategies: { target_wait_seconds: 60, avg_waiting_length: 1000 } },
      memory: { runSeconds: { query: 2 } },
      wanted: 2,
      reason: 'leaving-zero',
    },
    {
      name: 'counts a worker with an hour of training as occupied from its first second',
      scene: { waiting: { command: 1 }, workers: [aBusyWorker('w1', 1)] },
      ...alone,
      memory: { wanted: 1, runSeconds: { command: 3600 } },
      wanted: 2,
      reason: 'target-wait',
    },
    {
      name: 'waits for a worker that is nearly done',
      scene: { waiting: { command: 1 }, workers: [aBusyWorker('w1', 20)] },
      ...alone,
      memory: { wanted: 1, runSeconds: { command: 70 } },
      wanted: 1,
      reason: 'steady',
    },
    {
      name: 'takes the larger answer when both strategies are set',
      scene: { waiting: { command: 4 } },
      policy: { strategies: { target_wait_seconds: 600, avg_waiting_length: 1 } },
      memory: { runSeconds: { command: 1 }, wanted: 1 },
      wanted: 4,
      reason: 'waiting-jobs',
    },
  ])('$name', (row) => {
    const { actual, expected } = runCase(row)
    expect(actual).toEqual(expected)
  })
})

describe('scale-in', () => {
  it.each<Case>([
    {
      name: 'first orders the surplus to drain and lowers nothing',
      scene: { workers: [aBusyWorker('w1', 60), aWorker('w2'), aWorker('w3')] },
      memory: { wanted: 3, ...FALLING },
      wanted: 1,
      reason: 'fewer-needed',
      desired: { a: 3 },
      drains: ['give w2', 'give w3'],
    },
    {
      name: 'lowers the count by those that follow the order, and only by those',
      scene: {
        workers: [
          aBusyWorker('w1', 60),
          aDraining('w2'),
          aWorker('w3', { drain: { reason: 'surplus', expiresAtMs: NOON_MS + 100_000 } }),
        ],
      },
      memory: { wanted: 1 },
      wanted: 1,
      reason: 'steady',
      desired: { a: 2 },
      drains: [],
    },
    {
      name: 'does not count a draining worker as released while it is protected',
      scene: {
        workers: [aBusyWorker('w1', 60), aDraining('w2', { protectedUntilMs: NOON_MS + 1000 })],
      },
      memory: { wanted: 2, ...FALLING },
      wanted: 2,
      reason: 'steady',
      desired: { a: 2 },
      drains: ['withdraw w2'],
    },
    {
      name: 'never goes below the busy, whatever the maximum has become',
      scene: { workers: [1, 2, 3].map((each) => aBusyWorker(`w${each}`, 60)) },
      policy: { max: 1 },
      memory: { wanted: 3, ...FALLING },
      wanted: 3,
      reason: 'busy-floor',
      desired: { a: 3 },
      drains: [],
    },
    {
      name: 'raises a count that stands below the busy',
      scene: { workers: [aBusyWorker('w1', 60), aBusyWorker('w2', 60)], desired: { a: 1 } },
      memory: { wanted: 1 },
      wanted: 2,
      reason: 'waiting-jobs',
      desired: { a: 2 },
    },
    {
      name: 'waits for the scale-down window',
      scene: { workers: [aWorker('w1'), aWorker('w2')], waiting: { command: 1 } },
      policy: { scaleDownStabilizationSeconds: 300 },
      memory: { wanted: 2, fallSinceMs: NOON_MS - 299_000 },
      wanted: 2,
      reason: 'fall-held',
      drains: [],
    },
    {
      name: 'waits for the scale-up window',
      scene: { workers: [aBusyWorker('w1', 60)], waiting: { command: 1 } },
      policy: { scaleUpStabilizationSeconds: 30 },
      memory: { wanted: 1, riseSinceMs: NOON_MS - 29_000 },
      wanted: 1,
      reason: 'rise-held',
    },
    {
      name: 'lets the last worker wait for the zero grace',
      scene: { workers: [aWorker('w1')] },
      memory: { wanted: 1, lastActiveAtMs: NOON_MS - 59_000 },
      wanted: 1,
      reason: 'zero-grace',
      drains: [],
    },
    {
      name: 'and orders it to drain after that',
      scene: { workers: [aWorker('w1')] },
      memory: { wanted: 1, fallSinceMs: NOON_MS - 10_000, lastActiveAtMs: NOON_MS - 60_000 },
      wanted: 0,
      reason: 'fewer-needed',
      desired: { a: 1 },
      drains: ['give w1'],
    },
    {
      name: 'and then lets it go',
      scene: { workers: [aDraining('w1')] },
      memory: { wanted: 0, ...FALLING },
      wanted: 0,
      reason: 'steady',
      desired: { a: 0 },
    },
    {
      name: 'takes the order back when a job comes before the worker is gone',
      scene: { workers: [aDraining('w1')], waiting: { command: 1 }, desired: { a: 1 } },
      memory: { wanted: 0 },
      wanted: 1,
      reason: 'waiting-jobs',
      desired: { a: 1 },
      drains: ['withdraw w1'],
    },
    {
      name: 'lowers at once by tasks that never reported: none of them can have a job',
      scene: { unreported: 3 },
      memory: { wanted: 3, ...FALLING },
      wanted: 0,
      reason: 'fewer-needed',
      desired: { a: 0 },
    },
    {
      name: 'renews an order before it lapses',
      scene: {
        workers: [aDraining('w1', { drain: { reason: 'surplus', expiresAtMs: NOON_MS + 30_000 } })],
      },
      memory: { wanted: 0 },
      wanted: 0,
      reason: 'steady',
      drains: ['renew w1'],
    },
  ])('$name', (row) => {
    const { actual, expected } = runCase(row)
    expect(actual).toEqual(expected)
  })
})

describe('the decision', () => {
  it('trusts the rows where the queue depth says otherwise', () => {
    const seen = anObservation({ waiting: { command: 0 } })
    const stale = { ...seen, depth: { seen: true, value: { command: 9, query: 0 } } } as const
    expect(decide(stale, EMPTY_MEMORY, aPolicy(), NOON_MS).decision.wanted).toBe(0)
  })

  it('asks again for what was decided but not carried out', () => {
    const memory = { ...EMPTY_MEMORY, wanted: 3, liveSide: 'a' } as const
    const scene = { waiting: { command: 5 }, desired: { a: 0 } }
    expect(decide(anObservation(scene), memory, aPolicy(), NOON_MS).decision.desired.a).toBe(3)
  })
})
