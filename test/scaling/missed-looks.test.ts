import { describe, expect, it } from 'vitest'
import { missedLooks } from '../../lib/scaling/memory.ts'
import { NOON_MS } from '../support/a-job.ts'

const after = (seconds: number, lookSeconds: number) =>
  missedLooks(NOON_MS, NOON_MS + seconds * 1000, lookSeconds)

describe('a scaler that looks every ten seconds', () => {
  it.each([10, 10.004, 15, 20])('has missed no look after %s s', (seconds) => {
    expect(after(seconds, 10)).toBe(false)
  })

  it.each([20.001, 21, 3600, -1])('has missed looks after %s s', (seconds) => {
    expect(after(seconds, 10)).toBe(true)
  })

  it('has seen nothing before its first look', () => {
    expect(missedLooks(undefined, NOON_MS, 10)).toBe(true)
  })
})

describe('a scaler that looks every second', () => {
  it('may take ten seconds for one look', () => {
    expect(after(10, 1)).toBe(false)
    expect(after(10.001, 1)).toBe(true)
  })
})
