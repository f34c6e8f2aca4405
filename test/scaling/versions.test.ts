import { describe, expect, it } from 'vitest'
import { decide } from '../../lib/scaling/decide.ts'
import { EMPTY_MEMORY, type ScalerMemory } from '../../lib/scaling/memory.ts'
import type { ScalingPolicy } from '../../lib/scaling/scaling-policy.ts'
import { NOON_MS } from '../support/a-job.ts'
import {
  aBusyWorker,
  aDraining,
  anObservation,
  aPolicy,
  aWorker,
  type Scene,
} from './an-observation.ts'

function decideOn(
  scene: Scene,
  { memory = {}, policy = {} }: { memory?: Partial<ScalerMemory>; policy?: Partial<ScalingPolicy> },
) {
  const known = { ...EMPTY_MEMORY, lastActiveAtMs: NOON_MS - 3_600_000, ...memory }
  const { decision } = decide(anObservation(scene), known, aPolicy(policy), NOON_MS)
  const drains = decision.drains.map((each) =>
    each.kind === 'withdraw'
      ? `withdraw ${each.workerId}`
      : `${each.kind} ${each.workerId} ${each.order.reason}`,
  )
  return { ...decision, drains }
}

describe('a new worker version', () => {
  const both = { versions: { a: 'v1', b: 'v2' }, latest: 'v2' }

  it('goes to the empty side while the other finishes its work', () => {
    const scene = { workers: [aBusyWorker('w1', 60)], latest: 'v2', waiting: { command: 1 } }
    const decision = decideOn(scene, { memory: { wanted: 1, liveSide: 'a' } })
    expect(decision.place).toEqual({ side: 'b', version: 'v2' })
    expect(decision.desired).toEqual({ a: 1, b: 1 })
    expect(decision.drains).toEqual(['give w1 old-version'])
    expect(decision.versions).toEqual({ live: 'b', draining: 'v1' })
  })

  it('begins on side a in a fleet that never ran, whatever the sides were told before', () => {
    const fresh = decideOn({ versions: { b: 'v2' }, latest: 'v2', waiting: { command: 1 } }, {})
    expect(fresh.place).toEqual({ side: 'a', version: 'v2' })
    expect(fresh.desired).toEqual({ a: 1, b: 0 })
  })

  it('never lowers the old side below what works there', () => {
    const scene = { ...both, workers: [aBusyWorker('w1', 60), aBusyWorker('w2', 5)] }
    const decision = decideOn(scene, { memory: { wanted: 2, liveSide: 'b' } })
    expect(decision.desired).toEqual({ a: 2, b: 0 })
  })

  it('counts jobs on the old side as occupied at once: their workers take nothing more', () => {
    const scene = { ...both, workers: [aBusyWorker('w1', 1)], waiting: { command: 1 } }
    expect(decideOn(scene, { memory: { wanted: 1 } }).desired).toEqual({ a: 1, b: 1 })
  })

  it('keeps a warm worker of the old version until the new one is ready', () => {
    const policy = { min: 1 }
    const starting = { ...both, workers: [aWorker('w1')], desired: { b: 1 } }
    const early = decideOn(starting, { memory: { wanted: 1, liveSide: 'b' }, policy })
    expect(early.desired).toEqual({ a: 1, b: 1 })
    expect(early.drains).toEqual([])
    const ready = { ...both, workers: [aWorker('w1'), aWorker('w2')], onB: ['w2'] }
    const late = decideOn(ready, { memory: { wanted: 1, liveSide: 'b' }, policy })
    expect(late.desired).toEqual({ a: 1, b: 1 })
    expect(late.drains).toEqual(['give w1 old-version'])
  })

  it('makes room one worker at a time where the maximum leaves none', () => {
    const scene = { ...both, workers: [aWorker('w1'), aWorker('w2')] }
    const memory = { wanted: 2, liveSide: 'b' } as const
    const decision = decideOn(scene, { memory, policy: { min: 2, max: 2 } })
    expect(decision.desired).toEqual({ a: 2, b: 0 })
    expect(decision.drains).toHaveLength(1)
  })

  it('starts nothing only because the last worker has its grace', () => {
    const memory = { wanted: 1, liveSide: 'b', lastActiveAtMs: NOON_MS - 1000 } as const
    const decision = decideOn({ ...both, workers: [aWorker('w1')] }, { memory })
    expect(decision.reason).toBe('zero-grace')
    expect(decision.desired).toEqual({ a: 1, b: 0 })
    expect(decision.drains).toEqual(['give w1 old-version'])
  })

  it('takes the drain orders back when the old version is deployed again', () => {
    const drain = { reason: 'old-version', expiresAtMs: NOON_MS + 100_000 } as const
    const workers = [{ ...aBusyWorker('w1', 60), drain }]
    const scene = { ...both, workers, latest: 'v1' }
    const decision = decideOn(scene, { memory: { wanted: 1, liveSide: 'b' } })
    expect(decision.versions.live).toBe('a')
    expect(decision.drains).toEqual(['withdraw w1'])
  })

  it('waits when it is the third, and says which job holds it', () => {
    const workers = [aBusyWorker('w1', 7200), aBusyWorker('w2', 60)]
    const scene = { ...both, latest: 'v3', workers, onB: ['w2'], waiting: { command: 2 } }
    const decision = decideOn(scene, { memory: { wanted: 3, liveSide: 'b' } })
    expect(decision.place).toBeUndefined()
    expect(decision.versions).toEqual({
      live: 'b',
      draining: 'v1',
      waiting: { version: 'v3', heldByJobId: 'job-w1' },
    })
    expect(decision.desired).toEqual({ a: 1, b: 2 })
  })

  it('takes the side that empties first when it is the third', () => {
    const scene = { ...both, latest: 'v3', workers: [aBusyWorker('w1', 7200)] }
    const decision = decideOn(scene, { memory: { wanted: 1, liveSide: 'b' } })
    expect(decision.place).toEqual({ side: 'b', version: 'v3' })
  })

  it('is not placed on a side whose last task is still stopping', () => {
    const seen = anObservation({ versions: { a: 'v1', b: 'v2' }, latest: 'v3', onB: [] })
    if (!seen.fleet.seen) throw new Error('unseen')
    const tasks = (['a', 'b'] as const).map((side) => ({
      taskId: `task-${side}`,
      side,
      state: 'stopping' as const,
    }))
    const fleet = { seen: true, value: { ...seen.fleet.value, tasks } } as const
    const known = { ...EMPTY_MEMORY, liveSide: 'b' } as const
    const { decision } = decide({ ...seen, fleet }, known, aPolicy(), NOON_MS)
    expect(decision.place).toBeUndefined()
    expect(decision.versions.waiting?.version).toBe('v3')
  })

  it('lowers the old side by what was released there', () => {
    const drain = { reason: 'old-version', expiresAtMs: NOON_MS + 100_000 } as const
    const workers = [aDraining('w1', { drain }), aBusyWorker('w2', 60)]
    const decision = decideOn({ ...both, workers }, { memory: { wanted: 1, liveSide: 'b' } })
    expect(decision.desired).toEqual({ a: 1, b: 0 })
  })
})
