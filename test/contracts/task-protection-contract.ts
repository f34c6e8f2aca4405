import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { TaskProtection } from '../../lib/ports/task-protection.ts'

export interface ProtectionHarness {
  /** Of two running tasks of one side that is asked for two. */
  readonly protections: readonly [TaskProtection, TaskProtection]
  /** The time by which protection is counted, in milliseconds since 1970. */
  now(): number
  /** Changes how many tasks the side is asked for. */
  setDesired(desired: number): Promise<void>
  /** Makes the endpoint unreachable. */
  cutOff(): Promise<void>
  close(): Promise<void>
}

/** What every protection promises (`lib/ports/task-protection.ts`). */
export function defineTaskProtectionContract(
  name: string,
  make: () => Promise<ProtectionHarness>,
): void {
  describe(`task protection: ${name}`, () => {
    let harness: ProtectionHarness
    let one: TaskProtection
    let other: TaskProtection

    beforeEach(async () => {
      harness = await make()
      ;[one, other] = harness.protections
    })
    afterEach(() => harness.close())

    test('grants protection until the minutes are over', async () => {
      const before = harness.now()
      const answer = await one.protect(30)
      expect(answer.kind).toBe('granted')
      const untilMs = answer.kind === 'granted' ? answer.untilMs : 0
      // ECS answers in whole seconds.
      expect(untilMs).toBeGreaterThanOrEqual(before + 30 * 60_000 - 1000)
      expect(untilMs).toBeLessThanOrEqual(harness.now() + 30 * 60_000 + 1000)
    })

    test('starts the time anew when asked again, longer or shorter', async () => {
      await one.protect(1)
      const longer = await one.protect(600)
      expect(longer).toMatchObject({ kind: 'granted' })
      expect(longer.kind === 'granted' && longer.untilMs).toBeGreaterThan(
        harness.now() + 599 * 60_000,
      )
      const shorter = await one.protect(2)
      expect(shorter.kind === 'granted' && shorter.untilMs).toBeLessThan(harness.now() + 3 * 60_000)
    })

    test('releases, as often as asked', async () => {
      await one.protect(5)
      expect(await one.release()).toEqual({ kind: 'released' })
      expect(await one.release()).toEqual({ kind: 'released' })
    })

    test('is refused when more tasks would be protected than are asked for', async () => {
      expect(await one.protect(5)).toMatchObject({ kind: 'granted' })
      expect(await other.protect(5)).toMatchObject({ kind: 'granted' })
      await harness.setDesired(1)
      const refused = await other.protect(5)
      expect(refused).toMatchObject({ kind: 'refused' })
      expect(refused.kind === 'refused' && refused.reason).toContain('DEPLOYMENT_BLOCKED')
      await harness.setDesired(2)
      expect(await other.protect(5)).toMatchObject({ kind: 'granted' })
    })

    test('says that it could not ask, and never throws', async () => {
      await harness.cutOff()
      expect(await one.protect(5)).toMatchObject({ kind: 'unreachable' })
      expect(await one.release()).toMatchObject({ kind: 'unreachable' })
    })
  })
}
