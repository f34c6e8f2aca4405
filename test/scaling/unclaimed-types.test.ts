import { describe, expect, it } from 'vitest'
import { decide } from '../../lib/scaling/decide.ts'
import { EMPTY_MEMORY } from '../../lib/scaling/memory.ts'
import { NOON_MS } from '../support/a-job.ts'
import { anObservation, aPolicy, aWorker, type Scene } from './an-observation.ts'

/** A service that takes commands only. */
function decideOn(scene: Scene, wanted = 0) {
  const seen = anObservation(scene)
  const service = { ...seen.service, slots: { command: 1, query: 0 } }
  const memory = { ...EMPTY_MEMORY, wanted, liveSide: 'a', lastActiveAtMs: 0 } as const
  return decide({ ...seen, service }, memory, aPolicy(), NOON_MS).decision
}

describe('waiting jobs of a type that the service does not take', () => {
  it('start no worker, and are shown', () => {
    const decision = decideOn({ waiting: { query: 3 } })
    expect(decision).toMatchObject({ wanted: 0, desired: { a: 0 }, reason: 'steady' })
    expect(decision.inputs.waiting).toEqual({ command: 0, query: 3 })
  })

  it('start none either while the fleet is out of sight', () => {
    const scene = { waiting: { query: 3 }, unseen: ['workers'] } as const
    expect(decideOn(scene)).toMatchObject({ wanted: 0, reason: 'not-observed' })
    expect(decideOn({ ...scene, waiting: { command: 1 } })).toMatchObject({ wanted: 1 })
  })

  it('do not keep the last worker', () => {
    const decision = decideOn({ waiting: { query: 3 }, workers: [aWorker('w1')] }, 1)
    expect(decision.reason).toBe('fall-held')
  })

  it('add nothing to what those call for that it takes', () => {
    expect(decideOn({ waiting: { command: 2, query: 40 } }).wanted).toBe(1)
  })
})
