import type { Hooks } from '../world/hooks.ts'
import type { World } from '../world/world.ts'

/** One thing that must always hold. */
export interface Invariant {
  /** Short, for mutants and reports. */
  readonly name: string
  /** What a user can rely on. */
  readonly sentence: string
  readonly watch: (world: World, fail: (why: string) => void) => Hooks
}
