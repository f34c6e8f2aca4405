import { describe, expect, it } from 'vitest'
import { decide } from '../../lib/scaling/decide.ts'
import type { Decision } from '../../lib/scaling/decision.ts'
import { EMPTY_MEMORY } from '../../lib/scaling/memory.ts'
import type { ScalingPolicy } from '../../lib/scaling/scaling-policy.ts'
import { aPolicy } from './an-observation.ts'
import { SimulatedFleet } from './simulated-fleet.ts'

/** Looks every ten seconds; the fleet throws for whatever would stop or starve a busy worker. */
function runLoop(fleet: SimulatedFleet, policy: ScalingPolicy) {
  let memory = EMPTY_MEMORY
  const decisions: Decision[] = []
  return {
    decisions,
    get last(): Decision | undefined {
      return decisions.at(-1)
    },
    run(seconds: number): void {
      for (let passed = 0; passed < seconds; passed += 10) {
        const decided = decide(fleet.observe(), memory, policy, fleet.nowMs)
        memory = decided.memory
        decisions.push(decided.decision)
        fleet.apply(decided.decision)
        for (let part = 0; part < 5; part += 1) fleet.step(2)
      }
    },
  }
}

describe('a service over its day', () => {
  it('goes from zero to four trainings and back, and no busy worker is ever stopped', () => {
    const fleet = new SimulatedFleet(40)
    const loop = runLoop(fleet, aPolicy())
    loop.run(60)
    expect(fleet.desired).toBe(0)
    for (const id of ['j1', 'j2', 'j3', 'j4']) fleet.submit(id, 600)
    loop.run(260)
    expect(fleet.busy).toBe(4)
    expect(fleet.desired).toBe(4)
    loop.run(900)
    expect(fleet.done).toHaveLength(4)
    expect(fleet.desired).toBe(0)
  })

  it('never starts more workers than jobs that wait, and none twice while they start', () => {
    const fleet = new SimulatedFleet(300)
    const loop = runLoop(fleet, aPolicy())
    for (let job = 0; job < 6; job += 1) fleet.submit(`j${job}`, 1000)
    loop.run(290)
    expect(new Set(loop.decisions.map(({ wanted }) => wanted))).toEqual(new Set([3]))
    loop.run(3000)
    expect(Math.max(...loop.decisions.map(({ wanted }) => wanted))).toBe(6)
    expect(fleet.done).toHaveLength(6)
  })

  it('serves a flood of short jobs without a worker for each', () => {
    const fleet = new SimulatedFleet(20)
    const loop = runLoop(fleet, aPolicy({ max: 100 }))
    for (let job = 0; job < 20; job += 1) fleet.submit(`j${job}`, 2)
    loop.run(300)
    expect(fleet.done).toHaveLength(20)
    expect(Math.max(...loop.decisions.map(({ wanted }) => wanted))).toBe(10)
    expect(fleet.desired).toBe(0)
  })

  it('uses no more than the maximum and still ends every job', () => {
    const fleet = new SimulatedFleet(20)
    const loop = runLoop(fleet, aPolicy({ max: 2 }))
    for (let job = 0; job < 9; job += 1) fleet.submit(`j${job}`, 100)
    loop.run(1500)
    expect(fleet.done).toHaveLength(9)
    expect(Math.max(...loop.decisions.map(({ wanted }) => wanted))).toBe(2)
  })
})

describe('a deploy', () => {
  it('rolls the version while a training runs: it ends where it began, new work goes to the new', () => {
    const fleet = new SimulatedFleet(20)
    const loop = runLoop(fleet, aPolicy({ min: 1 }))
    fleet.submit('long', 1200)
    loop.run(60)
    fleet.latestVersion = 'v2'
    loop.run(20)
    fleet.submit('short', 60)
    loop.run(300)
    expect(fleet.startedOn).toEqual({ long: 'v1', short: 'v2' })
    expect(fleet.versions).toContain('v1')
    loop.run(1500)
    expect(fleet.done).toEqual(['short', 'long'])
    expect(fleet.versions).toEqual(['v2'])
    expect(fleet.desired).toBe(1)
  })

  it('makes a third version wait for the job that holds the first, and then places it', () => {
    const fleet = new SimulatedFleet(20)
    const loop = runLoop(fleet, aPolicy({ min: 1 }))
    fleet.submit('first', 1000)
    loop.run(60)
    fleet.latestVersion = 'v2'
    fleet.submit('second', 2000)
    loop.run(120)
    fleet.latestVersion = 'v3'
    loop.run(60)
    expect(loop.last?.versions.waiting).toEqual({ version: 'v3', heldByJobId: 'first' })
    expect(fleet.versions).toEqual(['v1', 'v2'])
    fleet.submit('third', 30)
    loop.run(120)
    expect(fleet.startedOn['third']).toBe('v2')
    loop.run(3000)
    expect(fleet.done.toSorted()).toEqual(['first', 'second', 'third'])
    expect(fleet.versions).toEqual(['v3'])
  })

  it('replaces a warm worker at a maximum of one', () => {
    const fleet = new SimulatedFleet(20)
    const loop = runLoop(fleet, aPolicy({ min: 1, max: 1 }))
    loop.run(60)
    fleet.latestVersion = 'v2'
    loop.run(180)
    expect(fleet.versions).toEqual(['v2'])
    expect(fleet.desired).toBe(1)
    fleet.submit('job', 10)
    loop.run(60)
    expect(fleet.done).toEqual(['job'])
  })
})
