import type { Service } from '../../lib/service/service.ts'
import prices from './prices.json' with { type: 'json' }
import type { Template } from './template.ts'

export type MeterName = keyof typeof prices.meters

/** So much of something that AWS bills, in a month. */
export interface Usage {
  readonly meter: MeterName
  readonly amount: number
  /** What uses it, for a person. */
  readonly what: string
  /** Where the price depends on more than the meter. */
  readonly unitUsd?: number
}

export const HOURS_PER_MONTH = 730
export const MINUTES_PER_MONTH = HOURS_PER_MONTH * 60

/** From what a month's usage follows. */
export interface UsageContext {
  readonly template: Template
  readonly service: Service
}
