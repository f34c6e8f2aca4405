import { expect, test } from 'vitest'
import type { Outage } from '../../../../tools/faults/arena.ts'
import type { Effect } from '../../../../tools/faults/watch/effects.ts'
import type { WorkerRecord } from '../../../../tools/faults/watch/worker-records.ts'
import { findStoppedBusy } from '../../../../tools/faults/post-mortem/find-stopped-busy.ts'
import { findUncaused } from '../../../../tools/faults/post-mortem/find-uncaused.ts'

const TERM: WorkerRecord = {
  what: 'signal',
  at: 5000,
  signal: 'SIGTERM',
  pid: 9,
  taskId: 't1',
  workerId: 'w1',
}

function effect(what: Effect['effect'], at: number, taskId = 't1'): Effect {
  return { at, jobId: 'j1', attempt: 1, effect: what, taskId }
}

test('a worker that got a signal between two signs of life of its job was busy', () => {
  const effects = [effect('start', 4000), effect('alive', 5001)]
  const [found] = findStoppedBusy({ records: [TERM], effects, outages: [] })
  expect(found).toMatchObject({ jobId: 'j1', workerId: 'w1', how: 'SIGTERM' })
})

test.each<[string, Effect[], Outage[]]>([
  ['its job had ended', [effect('start', 4000), effect('end', 4999)], []],
  ['the job ran elsewhere', [effect('start', 4000, 't2'), effect('alive', 5001, 't2')], []],
  [
    'the campaign stopped the service',
    [effect('start', 4000), effect('alive', 5001)],
    [{ kind: 'down', fromMs: 4500, untilMs: 6000 }],
  ],
])('a signal counts for nothing where %s', (_, effects, outages) => {
  expect(findStoppedBusy({ records: [TERM], effects, outages })).toEqual([])
})

const LOST = {
  attempt: 1,
  workerId: 'w1',
  startedAt: '1970-01-01T00:00:10.000Z',
  endedAt: '1970-01-01T00:00:20.000Z',
  reason: 'worker-lost',
  message: 'worker w1 has stopped',
} as const
const taskOf = new Map([['w1', 't1']])

test.each<[string, Outage[], number]>([
  ['nothing was down', [], 1],
  ['another worker was killed', [{ kind: 'down', taskId: 't2', fromMs: 0, untilMs: 99_000 }], 1],
  ['it was down before', [{ kind: 'down', taskId: 't1', fromMs: 0, untilMs: 9000 }], 1],
  ['only the disk was broken', [{ kind: 'faulty', fromMs: 0, untilMs: 99_000 }], 1],
  ['it was killed meanwhile', [{ kind: 'down', taskId: 't1', fromMs: 15_000, untilMs: 1e9 }], 0],
])('of a lost attempt, where %s', (_, outages, count) => {
  const view = { attempts: [LOST] } as unknown as Parameters<typeof findUncaused>[0]
  expect(findUncaused(view, { outages, taskOf })).toHaveLength(count)
})
