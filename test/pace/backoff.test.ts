import { expect, test } from 'vitest'
import { backoff, doubledMs } from '../../lib/pace/backoff.ts'

const TIMES = { firstMs: 100, maxMs: 1000 }

function waits(count: number, next: () => number): number[] {
  return Array.from({ length: count }, next)
}

test('waits double up to the longest, and begin anew after a success', () => {
  const times = backoff(TIMES, () => 1)
  expect(waits(6, () => times.nextMs())).toEqual([100, 200, 400, 800, 1000, 1000])
  times.reset()
  expect(waits(2, () => times.nextMs())).toEqual([100, 200])
})

test('chance shortens a wait by half at most, so that many callers do not come back together', () => {
  const times = backoff(TIMES, () => 0)
  expect(waits(6, () => times.nextMs())).toEqual([50, 100, 200, 400, 500, 500])
})

test('without a source of chance waits still differ', () => {
  const first = waits(20, () => backoff(TIMES).nextMs())
  expect(new Set(first).size).toBeGreaterThan(1)
  expect(first.every((ms) => ms >= 50 && ms <= 100)).toBe(true)
})

test('what is noted in a row has no chance in it, and never overflows', () => {
  expect(doubledMs(0, TIMES)).toBe(100)
  expect(doubledMs(3, TIMES)).toBe(800)
  expect(doubledMs(5000, TIMES)).toBe(1000)
})
