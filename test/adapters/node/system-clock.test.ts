import { describe, expect, test } from 'vitest'
import { systemClock } from '../../../lib/adapters/node/system-clock.ts'

const DAYS_30_MS = 30 * 86_400_000

describe('the clock of this machine', () => {
  test('tells milliseconds since 1970 and milliseconds that never go back', () => {
    expect(Math.abs(systemClock.now() - Date.now())).toBeLessThan(1_000)
    const first = systemClock.monotonicMs()
    expect(systemClock.monotonicMs()).toBeGreaterThanOrEqual(first)
  })

  test('sleeps at least as long as asked', async () => {
    const startMs = performance.now()
    await systemClock.sleep(50)
    expect(performance.now() - startMs).toBeGreaterThan(45)
  })

  test('wakes at once on abort, and never rejects', async () => {
    const wake = new AbortController()
    const sleeping = systemClock.sleep(DAYS_30_MS, wake.signal)
    wake.abort()
    await expect(sleeping).resolves.toBeUndefined()
    await expect(systemClock.sleep(DAYS_30_MS, wake.signal)).resolves.toBeUndefined()
    await expect(systemClock.sleep(-1)).resolves.toBeUndefined()
  })

  test('does not wake early from a sleep longer than one timer', async () => {
    const wake = new AbortController()
    let isAwake = false
    const sleeping = systemClock.sleep(DAYS_30_MS, wake.signal).then(() => {
      isAwake = true
    })
    await systemClock.sleep(50)
    expect(isAwake).toBe(false)
    wake.abort()
    await sleeping
  })
})
