import type { z } from 'zod'
import type { TaskType } from '../../job/job.ts'
import type { Worker } from '../classify-workers.ts'
import type { PerTaskType, ServiceFacts } from '../observation.ts'

export interface StrategyInput {
  readonly waiting: PerTaskType<number>
  /** How long the oldest waiting job of each type has waited. */
  readonly waitedSeconds: PerTaskType<number>
  readonly workers: readonly Worker[]
  readonly service: ServiceFacts
  /** After this time a worker's jobs count as long. */
  readonly occupiedAfterSeconds: number
  /** Measured mean run times; a type without one has not ended a job yet. */
  readonly runSeconds: Readonly<Partial<Record<TaskType, number>>>
}

/** A rule for the number of workers, switched on by a number under `autoscaler.strategies`. */
export interface Strategy {
  /** Its name in `service.json`, in the policy and in recorded decisions. */
  readonly key: string
  /** Its number, with a description for people. */
  readonly schema: z.ZodNumber
  /** Its number where `service.json` sets no strategy; one strategy alone has it. */
  readonly default?: number
  /** Why more workers are wanted when this strategy asks for the most. Codes are stable. */
  readonly reason: { readonly code: string; readonly sentence: string }
  /** Whether it needs `runSeconds`, which costs a look one more read. */
  readonly needsRunSeconds?: true
  /** Workers that it asks for, without bounds. */
  readonly wanted: (input: StrategyInput, setting: number) => number
}
