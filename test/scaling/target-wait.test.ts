import { describe, expect, it } from 'vitest'
import { aBusyWorker } from './an-observation.ts'
import { type Case, runCase } from './run-case.ts'

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
