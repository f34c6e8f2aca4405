import { expect, test } from 'vitest'
import { GATES, judge, strikingGate } from '../../../tools/faults/gates.ts'
import type { LedgerEvent } from '../../../tools/faults/ledger-event.ts'
import { measure } from '../../../tools/faults/measures.ts'
import { countEvents, type Report } from '../../../tools/faults/report.ts'
import { renderScorecard } from '../../../tools/faults/scorecard.ts'

const JOB = '7000000000000000001'
type Ended = Extract<LedgerEvent, { readonly what: 'ended' }>

const ACCEPTED: LedgerEvent = { what: 'accepted', at: 1000, jobId: JOB, kind: 'query, quick' }

function ended(change: Partial<Ended> = {}): LedgerEvent {
  const end = { jobId: JOB, attempt: 1, status: 'succeeded', reason: 'completed', digest: 'd1' }
  return { what: 'ended', at: 9000, where: 'queue', ...end, ...change }
}

function effect(attempt: number, what: 'start' | 'alive' | 'end', at: number): LedgerEvent {
  return { what: 'effect', at, jobId: JOB, attempt, effect: what }
}

function noticed(afterMs: number): LedgerEvent {
  return { what: 'noticed', at: 0, jobId: JOB, how: 'killed', afterMs }
}

/** One good job, in all its detail. */
const GOOD: readonly LedgerEvent[] = [
  ACCEPTED,
  effect(1, 'start', 2000),
  effect(1, 'alive', 2500),
  effect(2, 'start', 3000),
  effect(2, 'end', 4000),
  ended({ attempt: 2 }),
  ended({ attempt: 2, where: 'api' }),
  ended({ attempt: 2 }), // the queue tells at least once
  noticed(900),
  { what: 'process-seen', at: 2000, jobId: JOB },
  { what: 'worker-stopped', at: 9500, workerId: 'w' },
  { what: 'loss-read', at: 1, jobId: JOB, isTold: true },
  { what: 'retried', at: 1, jobId: JOB, cause: 'worker-lost' },
  {
    what: 'log-read',
    at: 1,
    jobId: JOB,
    wroteBytes: 100,
    gotBytes: 60,
    markedBytes: 40,
  },
]

function failing(events: readonly LedgerEvent[]): string[] {
  return judge(measure(events))
    .filter(({ passed }) => !passed)
    .map(({ name }) => name)
}

test('a job with one end, told twice, and two attempts one after the other passes every gate', () => {
  expect(failing(GOOD)).toEqual([])
  expect(judge(measure(GOOD))).toHaveLength(GATES.length)
})

const BAD: readonly (readonly [gate: string, events: readonly LedgerEvent[]])[] = [
  ['lost (accepted, and no end)', [ACCEPTED]],
  ['ended, and the output queue never said so', [ACCEPTED, ended({ where: 'api' })]],
  ['ended twice', [...GOOD, ended({ attempt: 2, status: 'failed', reason: 'worker-lost' })]],
  ['results overwritten', [...GOOD, ended({ attempt: 2, where: 'api', digest: 'd2' })]],
  [
    'made twice by one Idempotency-Key',
    [...GOOD, { what: 'doubled', at: 1, jobId: JOB, other: '2' }],
  ],
  ['status that cannot be true', [...GOOD, { what: 'untrue', at: 1, jobId: JOB, why: 'so' }]],
  [
    'busy workers stopped',
    [...GOOD, { what: 'busy-worker-stopped', at: 1, jobId: JOB, workerId: 'w', how: 'SIGTERM' }],
  ],
  ['orphan processes left', [...GOOD, { what: 'orphan', at: 1, jobId: JOB, pid: 7 }]],
  ['two attempts at once', [...GOOD, effect(1, 'alive', 3001)]],
  ['two attempts at once', [...GOOD, { what: 'two-at-once', at: 1, jobId: JOB }]],
  ['ran on after their end', [...GOOD, effect(2, 'alive', 9001)]],
  [
    'logs that do not say where a worker was lost',
    [...GOOD, { what: 'loss-read', at: 1, jobId: JOB, isTold: false }],
  ],
  ['dead worker noticed, p99', [...GOOD, noticed(900), noticed(45_001)]],
  [
    'log bytes cut without a marker',
    [
      ...GOOD,
      {
        what: 'log-read',
        at: 1,
        jobId: JOB,
        wroteBytes: 100,
        gotBytes: 90,
        markedBytes: 9,
      },
    ],
  ],
]

test.each(BAD)('"%s" fails when it should, and nothing else does', (gate, events) => {
  expect(failing(events)).toEqual([gate])
})

/** Jobs that ended well, and nothing else that a gate could be judged by. */
function eventless(count: number): LedgerEvent[] {
  return Array.from({ length: count }, (_, n): LedgerEvent[] => [
    { what: 'accepted', at: 1, jobId: `${n}`, kind: 'query, quick' },
    ended({ jobId: `${n}` }),
  ]).flat()
}

test('a large run in which a gate had nothing to see fails: it has shown nothing', () => {
  expect(failing(eventless(20))).toEqual([])
  expect(failing(eventless(700))).toEqual([
    'ended twice',
    'results overwritten',
    'status that cannot be true',
    'busy workers stopped',
    'orphan processes left',
    'two attempts at once',
    'ran on after their end',
    'dead worker noticed, median',
    'dead worker noticed, p99',
    'logs that do not say where a worker was lost',
    'log bytes cut without a marker',
  ])
})

test('a campaign that left out a sort of fault fails and names it', () => {
  const gate = strikingGate(['worker: SIGKILL', 'disk: EIO'], ['worker: ', 'disk: ', 'database: '])
  const [verdict] = judge(measure(GOOD), [gate])
  expect(verdict).toMatchObject({ measured: 1, passed: false, jobIds: ['database: '] })
})

test('a failed gate names the jobs, and the page says how to run it again', () => {
  const measures = measure([ACCEPTED])
  const verdicts = judge(measures)
  expect(verdicts.find(({ passed }) => !passed)?.jobIds).toEqual([JOB])
  const report: Report = {
    title: 'One machine',
    about: 'About it.',
    again: 'npm run faults -- --seed 7',
    seed: 7,
    startedAt: '2026-01-01T00:00:00.000Z',
    minutes: 1.25,
    versions: { Node: 'v24' },
    measures,
    verdicts,
    ...countEvents(GOOD),
    remarks: [],
  }
  const page = renderScorecard([report])
  expect(page).toContain('**fail** 7000000000000000001')
  expect(page).toContain('Again: `npm run faults -- --seed 7`')
  expect(page).toMatch(/\| worker-lost +\| 1 +\|/)
})
