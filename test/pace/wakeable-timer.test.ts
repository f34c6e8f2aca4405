import { describe, expect, test } from 'vitest'
import { WakeableTimer } from '../../lib/pace/wakeable-timer.ts'
import { FakeClock } from '../support/fake-clock.ts'

function aTimer() {
  const clock = new FakeClock()
  return { clock, timer: new WakeableTimer(clock) }
}

describe('a timer that can be woken', () => {
  test('ends after its time, and says that there was no news', async () => {
    const { clock, timer } = aTimer()
    const waiting = timer.wait(1000)
    await clock.advance(1000)
    expect(await waiting).toBe(false)
  })

  test('ends at once with news', async () => {
    const { timer } = aTimer()
    const waiting = timer.wait(Infinity)
    timer.wake()
    expect(await waiting).toBe(true)
  })

  test('keeps news that came while nobody waited, for one wait', async () => {
    const { clock, timer } = aTimer()
    timer.wake()
    timer.wake()
    expect(await timer.wait(1000)).toBe(true)
    const waiting = timer.wait(1000)
    await clock.advance(1000)
    expect(await waiting).toBe(false)
  })

  test('ends when its signal aborts, also one that has aborted before', async () => {
    const { timer } = aTimer()
    const ending = new AbortController()
    const waiting = timer.wait(Infinity, ending.signal)
    ending.abort()
    expect(await waiting).toBe(false)
    expect(await timer.wait(Infinity, ending.signal)).toBe(false)
    timer.wake()
    expect(await timer.wait(Infinity, ending.signal)).toBe(true)
  })

  test('a time that has passed ends at once', async () => {
    const { clock, timer } = aTimer()
    const waiting = timer.wait(-5)
    await clock.advance(0)
    expect(await waiting).toBe(false)
  })
})
