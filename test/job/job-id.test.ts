import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isJobId, makeIdGenerator, timeOfJobId } from '../../lib/job/job-id.ts'
import { propertyRuns } from '../support/property-runs.ts'

const NOW_MS = Date.parse('2026-11-22T12:00:00.000Z')

test('ids are 19 digits, carry their time and sort as text in the order in which they were made', () => {
  const newId = makeIdGenerator({ now: () => NOW_MS, random: () => 0.5 })
  const ids = Array.from({ length: 1000 }, newId)
  expect(ids.every((id) => isJobId(id))).toBe(true)
  expect(ids.toSorted()).toEqual(ids)
  expect(timeOfJobId(ids[0] ?? '')).toBe(NOW_MS)
})

test('ids never repeat nor go back, even when the clock does and the counter wraps', () => {
  const steps = fc.array(fc.integer({ min: -5000, max: 5000 }), { minLength: 2, maxLength: 200 })
  fc.assert(
    fc.property(steps, fc.double({ min: 0, max: 0.999999, noNaN: true }), (moves, random) => {
      let nowMs = NOW_MS
      const newId = makeIdGenerator({ now: () => nowMs, random: () => random })
      let last = newId()
      for (const move of moves) {
        nowMs += move
        const id = newId()
        expect(BigInt(id)).toBeGreaterThan(BigInt(last))
        last = id
      }
    }),
    propertyRuns(100),
  )
})

test.each([
  ['even', NOW_MS],
  ['odd', NOW_MS + 1],
])('more ids than an %s millisecond has room for borrow from the next one', (_which, nowMs) => {
  const newId = makeIdGenerator({ now: () => nowMs, random: () => 0.999999 })
  // The counter begins in the lower half of its 2^21 numbers.
  const ids = Array.from({ length: 2 ** 20 + 10 }, newId)
  expect(timeOfJobId(ids.at(-1) ?? '')).toBe(nowMs + 1)
  expect(ids.findIndex((id, index) => index > 0 && id <= (ids[index - 1] ?? ''))).toBe(-1)
})

test.each([
  '',
  '1',
  '0123456789012345678',
  '9999999999999999999',
  '371171819520000000a',
  '-371171819520000001',
])('%j is no job id', (text) => {
  expect(isJobId(text)).toBe(false)
})
