import { describe, expect, it } from 'vitest'
import { NOON_MS } from '../support/a-job.ts'
import { aWorker } from './an-observation.ts'
import { type Case, FALLING, runCase } from './run-case.ts'

describe('what could not be observed', () => {
  const idle = [aWorker('w1'), aWorker('w2')]
  it.each<Case>([
    ...(['depth', 'waiting', 'workers', 'fleet'] as const).map((part) => ({
      name: `lowers nothing: ${part}`,
      scene: { workers: idle, unseen: [part] },
      memory: { wanted: 2, ...FALLING },
      wanted: 2,
      reason: 'not-observed' as const,
      drains: [],
    })),
    {
      name: 'is enough to leave zero when one waiting job is proven, the fleet unseen',
      scene: { waiting: { command: 1 }, unseen: ['fleet'] },
      memory: { wanted: 0, sides: { a: { version: 'v1', desired: 0 }, b: { desired: 0 } } },
      wanted: 1,
      reason: 'raised-unseen',
      desired: { a: 1 },
    },
    {
      name: 'is enough to leave zero when one waiting job is proven, the workers unseen',
      scene: { waiting: { command: 7 }, unseen: ['workers', 'depth'] },
      memory: { wanted: 0 },
      wanted: 1,
      reason: 'raised-unseen',
      desired: { a: 1 },
    },
    {
      name: 'leaves zero without forgetting how many were wanted',
      scene: { waiting: { command: 1 }, unseen: ['workers'] },
      memory: { wanted: 2 },
      wanted: 2,
      reason: 'raised-unseen',
      desired: { a: 1 },
    },
    {
      name: 'never replaces a count that it cannot see',
      scene: { waiting: { command: 7 }, unseen: ['fleet'] },
      memory: { wanted: 3, sides: { a: { version: 'v1', desired: 3 }, b: { desired: 0 } } },
      wanted: 3,
      reason: 'not-observed',
      desired: {},
    },
    {
      name: 'still raises by the queue depth when the rows are unseen',
      scene: { waiting: { command: 6 }, workers: idle, unseen: ['waiting'] },
      memory: { wanted: 2 },
      wanted: 3,
      reason: 'waiting-jobs',
      desired: { a: 3 },
    },
    {
      name: 'an observation older than 5 s raises',
      scene: { waiting: { command: 6 }, workers: idle, atMs: NOON_MS - 5001 },
      memory: { wanted: 2 },
      wanted: 3,
      reason: 'waiting-jobs',
    },
    {
      name: 'an observation older than 5 s lowers nothing',
      scene: { workers: idle, atMs: NOON_MS - 5001 },
      memory: { wanted: 2, ...FALLING },
      wanted: 2,
      reason: 'stale-observation',
      desired: { a: 2 },
      drains: [],
    },
  ])('$name', (row) => {
    const { actual, expected } = runCase(row)
    expect(actual).toEqual(expected)
  })
})
