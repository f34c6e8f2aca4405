import { describe, expect, it } from 'vitest'
import { Slots } from '../../worker/loop/slots.ts'

const COUNTS = { command: 1, query: 4, queriesBesideCommand: false }

describe('the slots of a worker', () => {
  it('are taken up to their number, and free again when given back', () => {
    const slots = new Slots(COUNTS, () => undefined)
    const taken = Array.from({ length: 5 }, () => slots.tryTake('query'))
    expect(taken).toEqual([true, true, true, true, false])
    expect(slots.free('query')).toBe(0)
    slots.giveBack('query')
    expect(slots.free('query')).toBe(1)
    expect(slots.use()).toEqual({
      command: { total: 1, taken: 0 },
      query: { total: 4, taken: 3 },
    })
  })

  it('of one type are closed while a job of another type runs', () => {
    const slots = new Slots(COUNTS, () => undefined)
    slots.tryTake('query')
    expect(slots.tryTake('command')).toBe(false)
    slots.giveBack('query')
    expect(slots.tryTake('command')).toBe(true)
    expect(slots.tryTake('query')).toBe(false)
    expect(slots.taken).toBe(1)
  })

  it('are open side by side where the service says so', () => {
    const slots = new Slots({ ...COUNTS, queriesBesideCommand: true }, () => undefined)
    expect(slots.tryTake('command')).toBe(true)
    expect(slots.tryTake('query')).toBe(true)
    expect(slots.taken).toBe(2)
  })

  it('tell of each change, and of none where nothing was taken', () => {
    let changes = 0
    const slots = new Slots(COUNTS, () => (changes += 1))
    slots.tryTake('command')
    slots.tryTake('command')
    slots.giveBack('command')
    expect(changes).toBe(2)
  })
})
