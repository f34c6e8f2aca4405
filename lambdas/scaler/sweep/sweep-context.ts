import type { Budget } from '../look-budget.ts'
import type { ScalerDeps } from '../scaler-deps.ts'
import type { Sensed } from '../sense.ts'
import type { Steps } from '../steps.ts'
import type { SweepMemory } from './sweep-memory.ts'

/** What every step of the sweep works with. */
export interface SweepContext {
  readonly deps: ScalerDeps
  readonly sensed: Sensed
  readonly memory: SweepMemory
  /** For parts that may fail alone, one job at a time. */
  readonly steps: Steps
  readonly budget: Budget
  /** Nothing is saved after this sweep: what only counts from time to time is left out. */
  readonly isQuiet?: boolean
}
