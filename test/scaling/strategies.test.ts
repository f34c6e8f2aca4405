import { describe, expect, it } from 'vitest'
import {
  largestOf,
  needRunSeconds,
  STRATEGIES,
  withDefault,
} from '../../lib/scaling/strategies/strategies.ts'
import { SCALING_REASONS } from '../../lib/scaling/scaling-reasons.ts'
import { listSettings } from '../../lib/service/service-json-schema.ts'

describe('the list of strategies', () => {
  it.each(STRATEGIES)('$key is a setting of service.json with its reason', ({ key, reason }) => {
    const paths = listSettings().map(({ path }) => path)
    expect(paths).toContain(`autoscaler.strategies.${key}`)
    expect(SCALING_REASONS[reason.code]).toBe(reason.sentence)
  })

  it('gives no two of them the same name or reason', () => {
    expect(new Set(STRATEGIES.map(({ key }) => key)).size).toBe(STRATEGIES.length)
    expect(new Set(STRATEGIES.map(({ reason }) => reason.code)).size).toBe(STRATEGIES.length)
  })

  it('has one default, which counts only where no strategy is set', () => {
    expect(withDefault({})).toEqual({ avg_waiting_length: 2 })
    expect(withDefault({ target_wait_seconds: 9 })).toEqual({ target_wait_seconds: 9 })
    expect(withDefault({ avg_waiting_length: undefined })).toEqual({ avg_waiting_length: 2 })
  })

  it('names the strategy that asks for the most, the first of equal ones', () => {
    const of = (avg: number, target: number) =>
      largestOf({ avg_waiting_length: avg, target_wait_seconds: target })
    expect(of(2, 3)).toEqual({ count: 3, reason: 'target-wait' })
    expect(of(3, 3)).toEqual({ count: 3, reason: 'waiting-jobs' })
    expect(largestOf({ target_wait_seconds: 0 })).toEqual({ count: 0, reason: 'waiting-jobs' })
  })

  it('has run times measured only for the strategy that uses them', () => {
    expect(needRunSeconds({ avg_waiting_length: 2 })).toBe(false)
    expect(needRunSeconds({ avg_waiting_length: 2, target_wait_seconds: 1 })).toBe(true)
  })
})
