import type { Schedule } from '../world/schedule.ts'

/** A fault that was put into the product's source on purpose, and the schedule that finds it. */
export interface Mutant {
  /** What is wrong with it. */
  readonly name: string
  readonly patches: readonly Patch[]
  readonly scenario: string
  readonly schedule: Schedule
  /** The invariant that it breaks. */
  readonly kills: string
}

export interface Patch {
  /** Relative to the repository. */
  readonly file: string
  /** Stands there exactly once. */
  readonly find: string
  readonly replace: string
}
