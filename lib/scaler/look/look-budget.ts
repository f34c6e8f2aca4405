import type { Clock } from '../../ports/clock.ts'

/** Time that act and reaper may start further work in; each call then has its own bound. */
export interface Budget {
  isSpent(): boolean
  /** Half of what is left: for a step that must leave time for those behind it. */
  half(): Budget
}

export function startBudget(clock: Clock, ms: number): Budget {
  const endMs = clock.monotonicMs() + ms
  return {
    isSpent: () => clock.monotonicMs() >= endMs,
    half: () => startBudget(clock, Math.max(endMs - clock.monotonicMs(), 0) / 2),
  }
}
