import { describe, expect, it } from 'vitest'
import { decide } from '../../lib/scaling/decide.ts'
import { EMPTY_MEMORY, type ScalerMemory } from '../../lib/scaling/memory.ts'
import type { Observation, WorkerFacts } from '../../lib/scaling/observation.ts'
import type { ScalingPolicy } from '../../lib/scaling/scaling-policy.ts'
import { NOON_MS } from '../support/a-job.ts'
import { aBusyWorker, anObservation, aPolicy, aWorker, type Scene } from './an-observation.ts'

const MINUTE_MS = 60_000

/** The scaler looked ten seconds ago, and w1 has stood at beat 1 for a minute. */
const SILENT: ScalerMemory = {
  ...EMPTY_MEMORY,
  wanted: 1,
  liveSide: 'a',
  lookedAtMs: NOON_MS - 10_000,
  beats: { w1: [1, NOON_MS - MINUTE_MS] },
}

interface Case {
  readonly worker?: WorkerFacts
  readonly scene?: Scene
  readonly memory?: Partial<ScalerMemory>
  readonly policy?: Partial<ScalingPolicy>
  readonly seen?: Partial<Observation>
}

function decideOn({ worker = aWorker('w1'), scene, memory, policy, seen }: Case) {
  const observation = anObservation({ workers: [worker], waiting: { command: 1 }, ...scene })
  const known = { ...SILENT, ...memory }
  const rules = aPolicy({ max: 1, ...policy })
  return decide({ ...observation, ...seen }, known, rules, NOON_MS).decision
}

describe('a silent worker without job and protection', () => {
  it('is stopped and does not count against the maximum', () => {
    expect(decideOn({})).toMatchObject({
      wanted: 1,
      reason: 'replacing-silent',
      desired: { a: 1, b: 0 },
      stops: [{ workerId: 'w1', taskId: 'task-w1', side: 'a', beat: 1 }],
      inputs: { workers: { silent: 1 }, floor: 0 },
    })
  })

  it('makes room for others: the maximum is that of the workers that are there', () => {
    const scene = { workers: [aWorker('w1'), aBusyWorker('w2', 60)], waiting: { command: 5 } }
    const decision = decideOn({ scene, memory: { wanted: 1 }, policy: { max: 2 } })
    expect(decision).toMatchObject({ wanted: 2, desired: { a: 2 }, stops: [{ workerId: 'w1' }] })
  })

  it('is replaced as well where nothing waits but a minimum is kept warm', () => {
    const decision = decideOn({ scene: { waiting: {} }, policy: { min: 1 } })
    expect(decision).toMatchObject({ reason: 'replacing-silent', desired: { a: 1 } })
  })

  const lapsed = { ...aBusyWorker('w1', 3600), beat: 1, protectedUntilMs: NOON_MS - 2 * MINUTE_MS }

  it('may say that it works, once the reaper has taken its jobs', () => {
    const decision = decideOn({ worker: lapsed, seen: { withoutLease: ['w1'] } })
    expect(decision).toMatchObject({ stops: [{ workerId: 'w1' }], inputs: { floor: 0 } })
  })

  it.each<[string, Case]>([
    ['says that it works, and nobody knows that its leases are gone', { worker: lapsed }],
    [
      'is protected still, or was a moment ago by the clock of another machine',
      {
        worker: { ...lapsed, protectedUntilMs: NOON_MS - 30_000 },
        seen: { withoutLease: ['w1'] },
      },
    ],
    ['was silent for less than six looks', { memory: { beats: { w1: [1, NOON_MS - 59_000] } } }],
    ['has written its row since', { worker: aWorker('w1', { beat: 2 }) }],
    [
      'beats less often than the scaler looks',
      {
        seen: {
          service: { ...anObservation().service, lookSeconds: 1, beatSeconds: 15 },
        },
        memory: { lookedAtMs: NOON_MS - 1000 },
      },
    ],
    ['was not watched: the scaler itself was away', { memory: { lookedAtMs: NOON_MS - 21_000 } }],
    ['is seen by a look that could not see everything', { scene: { unseen: ['waiting'] } }],
    ['is seen by a look that could not see the fleet', { scene: { unseen: ['fleet'] } }],
    ['is seen by an old observation', { scene: { atMs: NOON_MS - 6000 } }],
  ])('is left alone when it %s', (_name, given) => {
    expect(decideOn(given).stops).toBeUndefined()
  })
})
