import type { Budget } from '../look/look-budget.ts'
import type { ScalerDeps } from '../look/scaler-deps.ts'
import type { Sensed } from '../look/sense.ts'
import type { Steps } from '../look/steps.ts'
import type { ReaperMemory } from './reaper-memory.ts'

/** What every step of the reaper works with. */
export interface ReaperContext {
  readonly deps: ScalerDeps
  readonly sensed: Sensed
  readonly memory: ReaperMemory
  /** For parts that may fail alone, one job at a time. */
  readonly steps: Steps
  readonly budget: Budget
  /** Nothing is saved after this reaper: what only counts from time to time is left out. */
  readonly isQuiet?: boolean
}
