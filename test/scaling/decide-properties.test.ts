import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decide } from '../../lib/scaling/decide.ts'
import { EMPTY_MEMORY, type ScalerMemory } from '../../lib/scaling/memory.ts'
import { NOON_MS } from '../support/a-job.ts'
import { aBusyWorker, aDraining, anObservation, aPolicy, aWorker } from './an-observation.ts'
import { propertyRuns } from '../support/property-runs.ts'

const worker = fc.oneof(
  fc.constant((id: string) => aWorker(id)),
  fc.constant((id: string) => aWorker(id, { state: 'starting' })),
  fc.constant((id: string) => aDraining(id)),
  fc.integer({ min: 0, max: 100 }).map((age) => (id: string) => aBusyWorker(id, age)),
)

const scene = fc
  .record({
    waiting: fc.record({ command: fc.nat(40), query: fc.nat(40) }),
    makers: fc.array(worker, { maxLength: 14 }),
    splitAt: fc.nat(14),
    unreported: fc.nat(3),
    extraDesired: fc.nat(3),
    latest: fc.constantFrom('v1', 'v2', 'v3'),
    bothUsed: fc.boolean(),
    unseen: fc.subarray(['depth', 'waiting', 'workers', 'fleet'] as const),
    atMs: fc.constantFrom(NOON_MS, NOON_MS - 4000, NOON_MS - 9000),
  })
  .map(({ makers, splitAt, extraDesired, bothUsed, ...rest }) => {
    const workers = makers.map((make, index) => make(`w${index}`))
    const onB = bothUsed ? workers.slice(splitAt).map(({ workerId }) => workerId) : []
    const onA = workers.length - onB.length + rest.unreported
    return {
      ...rest,
      workers,
      onB,
      versions: bothUsed ? { a: 'v1', b: 'v2' } : { a: 'v1' },
      desired: { a: onA + extraDesired, b: onB.length },
    }
  })

const policy = fc
  .record({
    min: fc.nat(3),
    max: fc.integer({ min: 3, max: 12 }),
    targetWaitSeconds: fc.option(fc.integer({ min: 1, max: 600 }), { nil: undefined }),
    activationWorkers: fc.integer({ min: 1, max: 5 }),
    scaleDownStabilizationSeconds: fc.constantFrom(0, 1, 300),
    scaleUpStabilizationSeconds: fc.constantFrom(0, 30),
  })
  .map(({ targetWaitSeconds, ...rest }) =>
    aPolicy({
      ...rest,
      strategies: {
        avg_waiting_length: 2,
        ...(targetWaitSeconds !== undefined && { target_wait_seconds: targetWaitSeconds }),
      },
    }),
  )

const memory: fc.Arbitrary<ScalerMemory> = fc
  .record({
    wanted: fc.option(fc.nat(12), { nil: undefined }),
    isFalling: fc.boolean(),
    activation: fc.option(fc.nat(5), { nil: undefined }),
    liveSide: fc.constantFrom('a' as const, 'b' as const, undefined),
  })
  .map(({ wanted, isFalling, activation, liveSide }) => ({
    ...EMPTY_MEMORY,
    ...(wanted !== undefined && { wanted }),
    ...(isFalling && { fallSinceMs: NOON_MS - 400_000, lastActiveAtMs: NOON_MS - 400_000 }),
    ...(activation !== undefined && { activation }),
    ...(liveSide && { liveSide }),
  }))

describe('every decision', () => {
  it('wants at least what is busy, on each side', () => {
    const property = fc.property(scene, policy, memory, (where, how, known) => {
      const { decision } = decide(anObservation(where), known, how, NOON_MS)
      if (where.unseen.includes('workers') || where.unseen.includes('fleet')) return
      const busy = where.workers.filter(({ jobs }) => jobs.length > 0)
      const busyOnB = busy.filter(({ workerId }) => where.onB.includes(workerId)).length
      if (decision.inputs.waiting === undefined) return
      expect(decision.wanted).toBeGreaterThanOrEqual(busy.length)
      expect(decision.desired.a).toBeGreaterThanOrEqual(busy.length - busyOnB)
      expect(decision.desired.b).toBeGreaterThanOrEqual(busyOnB)
    })
    fc.assert(property, propertyRuns())
  })

  it('lowers nothing, and orders nobody to drain, while a part is unseen or old', () => {
    const property = fc.property(scene, policy, memory, (where, how, known) => {
      const isOld = NOON_MS - where.atMs > 5000
      if (where.unseen.length === 0 && !isOld) return
      const { decision } = decide(anObservation(where), known, how, NOON_MS)
      expect(decision.desired.a ?? Infinity).toBeGreaterThanOrEqual(where.desired.a)
      expect(decision.desired.b ?? Infinity).toBeGreaterThanOrEqual(where.desired.b)
      expect(decision.drains.filter(({ kind }) => kind !== 'withdraw')).toEqual([])
    })
    fc.assert(property, propertyRuns())
  })

  it('raises no side beyond the maximum', () => {
    const property = fc.property(scene, policy, memory, (where, how, known) => {
      const { decision } = decide(anObservation(where), known, how, NOON_MS)
      for (const side of ['a', 'b'] as const) {
        const to = decision.desired[side] ?? 0
        const working = where.workers.length + where.unreported
        if (to > where.desired[side]) expect(to).toBeLessThanOrEqual(Math.max(how.max, working))
      }
      if (where.workers.length > how.max || (known.wanted ?? 0) > how.max) return
      expect(decision.wanted).toBeLessThanOrEqual(Math.max(how.max, sum(where.desired)))
    })
    fc.assert(property, propertyRuns())
  })

  it('never wants fewer workers because more jobs wait', () => {
    const property = fc.property(scene, policy, memory, fc.nat(20), (where, how, known, more) => {
      const wantedFor = (command: number) => {
        const seen = { ...where, waiting: { ...where.waiting, command } }
        return decide(anObservation(seen), known, how, NOON_MS).decision.wanted
      }
      const { command } = where.waiting
      expect(wantedFor(command + more)).toBeGreaterThanOrEqual(wantedFor(command))
    })
    fc.assert(property, propertyRuns())
  })

  it('never orders a busy worker of the live version to drain', () => {
    const property = fc.property(scene, policy, memory, (where, how, known) => {
      const { decision } = decide(anObservation(where), known, how, NOON_MS)
      const busy = new Set(
        where.workers.filter(({ jobs }) => jobs.length > 0).map(({ workerId }) => workerId),
      )
      const surplus = decision.drains.filter(
        (each) => each.kind !== 'withdraw' && each.order.reason === 'surplus',
      )
      expect(surplus.filter(({ workerId }) => busy.has(workerId))).toEqual([])
    })
    fc.assert(property, propertyRuns())
  })

  it('is the same again, changes nothing that it was given, and survives JSON', () => {
    const property = fc.property(scene, policy, memory, (where, how, known) => {
      const seen = anObservation(where)
      const before = structuredClone({ seen, known, how })
      const first = decide(seen, known, how, NOON_MS)
      expect({ seen, known, how }).toEqual(before)
      const kept = JSON.parse(JSON.stringify({ seen, known, how })) as typeof before
      expect(decide(kept.seen, kept.known, kept.how, NOON_MS)).toEqual(first)
      expect(JSON.parse(JSON.stringify(first))).toEqual(first)
    })
    fc.assert(property, propertyRuns())
  })
})

function sum({ a, b }: { a: number; b: number }): number {
  return a + b
}
