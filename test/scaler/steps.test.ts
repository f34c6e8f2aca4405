import { describe, expect, it } from 'vitest'
import { Steps } from '../../lib/scaler/look/steps.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { RecordingLog } from './a-scaler.ts'

function open(ms: number) {
  const clock = new FakeClock()
  return { clock, steps: new Steps({ clock, log: new RecordingLog() }, ms) }
}

describe('the steps of a look', () => {
  it('fail alone, and are all named in the end', async () => {
    const { steps } = open(1000)
    const half = steps.withHalfTime()
    expect(await steps.run('one', () => Promise.reject(new Error('away')))).toBe(false)
    expect(await half.run('two', () => Promise.reject(new Error('gone')))).toBe(false)
    expect(await steps.run('three', () => Promise.resolve())).toBe(true)
    expect(steps.failures).toEqual([
      { step: 'one', message: 'away' },
      { step: 'two', message: 'gone' },
    ])
  })

  it('may begin until their time is up', async () => {
    const { clock, steps } = open(1000)
    await clock.advance(999)
    expect(steps.isTimeUp()).toBe(false)
    await clock.advance(1)
    expect(steps.isTimeUp()).toBe(true)
  })

  it('leave half of what is left to those behind them', async () => {
    const { clock, steps } = open(1000)
    await clock.advance(400)
    const half = steps.withHalfTime()
    await clock.advance(299)
    expect(half.isTimeUp()).toBe(false)
    await clock.advance(1)
    expect([half.isTimeUp(), steps.isTimeUp()]).toEqual([true, false])
    await clock.advance(1000)
    expect(steps.withHalfTime().isTimeUp()).toBe(true)
  })
})
