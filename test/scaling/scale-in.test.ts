import { describe, expect, it } from 'vitest'
import { NOON_MS } from '../support/a-job.ts'
import { aBusyWorker, aDraining, aWorker } from './an-observation.ts'
import { type Case, FALLING, runCase } from './run-case.ts'

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
      name: 'takes nobody away for a worker that stops by itself, beside two that still start',
      scene: {
        workers: [aWorker('w1', { state: 'draining' })],
        unreported: 2,
        waiting: { command: 4 },
      },
      memory: { wanted: 2 },
      wanted: 2,
      reason: 'steady',
      desired: { a: 3 },
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
