import { beforeEach, describe, expect, it } from 'vitest'
import type { ProtectionAnswer, TaskProtection } from '../../lib/ports/task-protection.ts'
import { noKick } from '../../worker/loop/kick.ts'
import { makePace } from '../../worker/loop/pace.ts'
import { type ProtectionDeps, ProtectionManager } from '../../worker/loop/protection-manager.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { quietLog } from './support/quiet-log.ts'

const MINUTES = 60

describe('the protection of a worker', () => {
  let clock: FakeClock
  let taken: number
  let isDraining: boolean
  let events: string[]
  let answers: (ProtectionAnswer | Promise<ProtectionAnswer>)[]
  let manager: ProtectionManager

  beforeEach(() => {
    clock = new FakeClock()
    taken = 0
    isDraining = false
    events = []
    answers = []
  })

  function start(deps: Partial<ProtectionDeps> = {}): void {
    const protection: TaskProtection = {
      protect: async () => {
        events.push('protect')
        return (await answers.shift()) ?? granted()
      },
      release: async () => {
        events.push('release')
        return (await answers.shift()) ?? { kind: 'released' }
      },
    }
    manager = new ProtectionManager({
      protection,
      kick: noKick,
      clock,
      pace: makePace({ random: () => 1 }),
      log: quietLog,
      minutes: MINUTES,
      holdMs: 30_000,
      taken: () => taken,
      isDraining: () => isDraining,
      writeRow: async () => {
        events.push(taken > 0 || manager.mayBeHeld ? 'row busy' : 'row idle')
      },
      ...deps,
    })
    void manager.run(new AbortController().signal)
  }

  const granted = (): ProtectionAnswer => ({
    kind: 'granted',
    untilMs: clock.now() + MINUTES * 60_000,
  })

  function take(change: 1 | -1): void {
    taken += change
    manager.nudge()
  }

  it('is asked for after the row says busy, held for 30 s, and idle only once it is released', async () => {
    start()
    take(1)
    expect(await manager.acquire()).toEqual({ ok: true })
    take(-1)
    await clock.advance(29_000)
    expect(events).toEqual(['row busy', 'protect'])
    await clock.advance(2000)
    expect(events).toEqual(['row busy', 'protect', 'release', 'row idle'])
  })

  it('is held no longer for other news that come after the last job', async () => {
    start()
    take(1)
    await manager.acquire()
    take(-1)
    await clock.advance(20_000)
    manager.nudge()
    await clock.advance(11_000)
    expect(events.at(-1)).toBe('row idle')
  })

  it('that was never let go counts as gone some seconds after it has run out', async () => {
    start()
    take(1)
    await manager.acquire()
    const untilMs = manager.protectedUntilMs ?? 0
    answers = Array.from({ length: 2000 }, () => ({ kind: 'unreachable', reason: 'no agent' }))
    take(-1)
    while (manager.mayBeHeld) await clock.advance(10_000)
    expect(clock.now()).toBeGreaterThanOrEqual(untilMs + 5000)
    expect(clock.now()).toBeLessThanOrEqual(untilMs + 20_000)
    expect(manager.protectedUntilMs).toBeUndefined()
  })

  it('is not asked for again for a second job while it is fresh', async () => {
    start()
    take(1)
    await manager.acquire()
    take(1)
    expect(await manager.acquire()).toEqual({ ok: true })
    expect(events).toEqual(['row busy', 'protect'])
  })

  it('is asked for once by jobs that come together', async () => {
    start()
    take(1)
    take(1)
    await Promise.all([manager.acquire(), manager.acquire()])
    expect(events).toEqual(['row busy', 'protect'])
  })

  it('is renewed at a third of its expiry while a job runs', async () => {
    start()
    take(1)
    await manager.acquire()
    await clock.advance(19 * 60_000)
    expect(events.filter((event) => event === 'protect')).toHaveLength(1)
    await clock.advance(2 * 60_000)
    expect(events.filter((event) => event === 'protect')).toHaveLength(2)
  })

  it('says why it was refused, and is asked for again every 5 s while a job runs', async () => {
    start()
    take(1)
    await manager.acquire()
    answers = [
      { kind: 'refused', reason: 'DEPLOYMENT_BLOCKED' },
      { kind: 'unreachable', reason: 'no agent' },
    ]
    await clock.advance(20 * 60_000 + 6000)
    expect(manager.refusal).toBe('unreachable: no agent')
    await clock.advance(6000)
    expect(manager.refusal).toBeUndefined()
    expect(events.filter((event) => event === 'protect')).toHaveLength(4)
  })

  it('counts as not held when the first ask is refused or unanswered', async () => {
    start()
    take(1)
    answers = [{ kind: 'refused', reason: 'DEPLOYMENT_BLOCKED' }]
    expect(await manager.acquire()).toMatchObject({ ok: false })
    expect(manager.mayBeHeld).toBe(false)
    answers = [{ kind: 'unreachable', reason: 'no agent' }]
    expect(await manager.acquire()).toMatchObject({ ok: false })
    expect(manager.mayBeHeld).toBe(true)
  })

  it('is not asked for when the row cannot be written', async () => {
    start({ writeRow: () => Promise.reject(new Error('the table is away')) })
    take(1)
    expect(await manager.acquire()).toMatchObject({ ok: false })
    expect(events).toEqual([])
  })

  it('is asked for anew by a job that comes while it is being released', async () => {
    start()
    take(1)
    await manager.acquire()
    take(-1)
    const answer = Promise.withResolvers<ProtectionAnswer>()
    answers = [answer.promise]
    await clock.advance(31_000)
    take(1)
    const acquired = manager.acquire()
    answer.resolve({ kind: 'released' })
    expect(await acquired).toEqual({ ok: true })
    expect(events.at(-1)).toBe('protect')
    expect(events).not.toContain('row idle')
  })

  it('is released without a hold when the worker drains, and tried until it is confirmed', async () => {
    start()
    take(1)
    await manager.acquire()
    isDraining = true
    answers = [{ kind: 'unreachable', reason: 'no agent' }]
    take(-1)
    await clock.advance(1000)
    expect(events.slice(2)).toEqual(['release'])
    await clock.advance(6000)
    expect(events.slice(2)).toEqual(['release', 'release', 'row idle'])
  })
})
