import { expect, test } from 'vitest'
import { makePace, type Pace } from '../../worker/loop/pace.ts'

const LONGEST: [Parameters<Pace['backoff']>[0], first: number, longest: number][] = [
  ['store', 200, 5000],
  ['logs', 250, 5000],
  ['claim', 1000, 1000],
  ['protection', 5000, 5000],
  ['receive', 1000, 30_000],
  ['modelServer', 500, 30_000],
  ['init', 1000, 2000],
  ['leaseThread', 1000, 10_000],
]

test.each(LONGEST)(
  'what was away is noticed in time: %s waits %i ms at first, at most %i',
  (of, first, longest) => {
    const wait = makePace({ random: () => 1 }).backoff(of)
    const waits = Array.from({ length: 20 }, () => wait.nextMs())
    expect(waits[0]).toBe(first)
    expect(Math.max(...waits)).toBe(longest)
  },
)

test('each thing that is tried again has waits of its own, and chance in them unless told otherwise', () => {
  const pace = makePace({ factor: 0.1 })
  const one = pace.backoff('store')
  for (let n = 0; n < 10; n += 1) one.nextMs()
  const first = Array.from({ length: 20 }, () => pace.backoff('store').nextMs())
  expect(first.every((ms) => ms >= 10 && ms <= 20)).toBe(true)
  expect(new Set(first).size).toBeGreaterThan(1)
})
