import type { Clock } from '../../lib/ports/clock.ts'

/** Time that act and sweep may start further work in; each call then has its own bound. */
export interface Budget {
  isSpent(): boolean
}

export function startBudget(clock: Clock, ms: number): Budget {
  const endMs = clock.monotonicMs() + ms
  return { isSpent: () => clock.monotonicMs() >= endMs }
}
