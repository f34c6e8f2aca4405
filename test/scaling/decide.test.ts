import { describe, expect, it } from 'vitest'
import { decide } from '../../lib/scaling/decide.ts'
import { EMPTY_MEMORY } from '../../lib/scaling/memory.ts'
import { NOON_MS } from '../support/a-job.ts'
import { aBusyWorker, aDraining, anObservation, aPolicy, aWorker } from './an-observation.ts'

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

  it('says what it was made of', () => {
    const scene = {
      waiting: { command: 3, query: 1 },
      workers: [aBusyWorker('w1', 60), aBusyWorker('w2', 60), aWorker('w3'), aDraining('w4')],
      unreported: 2,
    }
    const seen = anObservation(scene)
    if (!seen.waiting.seen) throw new Error('unseen')
    const oldestQueuedAtMs = { command: NOON_MS - 12_400, query: NOON_MS - 3000 }
    const waiting = { seen: true, value: { ...seen.waiting.value, oldestQueuedAtMs } } as const
    const memory = { ...EMPTY_MEMORY, wanted: 5 }
    expect(decide({ ...seen, waiting }, memory, aPolicy(), NOON_MS).decision.inputs).toEqual({
      waiting: { command: 3, query: 1 },
      oldestWaitingSeconds: 12,
      workers: { occupied: 2, idle: 1, draining: 1 },
      unreported: 2,
      floor: 2,
      asked: { avg_waiting_length: 4 },
      unseen: [],
    })
  })
})
