import { describe, expect, test } from 'vitest'
import { mapAtOnce } from '../../lib/pace/map-at-once.ts'

describe('many actions, a bounded number at once', () => {
  test('answer in the order of their items', async () => {
    const done = await mapAtOnce([30, 10, 20], 3, async (ms) => {
      for (let turn = 0; turn < ms; turn += 1) await Promise.resolve()
      return ms
    })
    expect(done).toEqual([30, 10, 20])
    expect(await mapAtOnce([], 3, () => Promise.resolve())).toEqual([])
  })

  test('never more than the bound, and never fewer while items wait', async () => {
    let under = 0
    const seen: number[] = []
    await mapAtOnce(Array.from({ length: 20 }), 4, async () => {
      under += 1
      seen.push(under)
      await new Promise(setImmediate)
      under -= 1
    })
    expect(Math.max(...seen)).toBe(4)
    expect(seen).toHaveLength(20)
  })

  test('after a failure none begins, and those under way end before it is thrown', async () => {
    const begun: number[] = []
    const ended: number[] = []
    const work = mapAtOnce([0, 1, 2, 3, 4], 2, async (item) => {
      begun.push(item)
      if (item === 0) throw new Error('the first')
      await new Promise(setImmediate)
      ended.push(item)
    })
    await expect(work).rejects.toThrow('the first')
    expect(begun).toEqual([0, 1])
    expect(ended).toEqual([1])
  })
})
