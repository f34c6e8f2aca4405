import type { RetryPolicy } from '../../../lib/job/job.ts'
import type { ScalingPolicy } from '../../../lib/scaling/scaling-policy.ts'

export interface ScenarioJob {
  /** Such as `j1`. */
  readonly name: string
  /** See `ModelGuards`; of a query `ModelAnswers`. */
  readonly program: string
  /** A command, unless set. */
  readonly taskType?: 'query'
  /** Submitted with an `Idempotency-Key`, and again where no answer came. */
  readonly hasKey?: boolean
  readonly atSeconds?: number
  readonly retry?: Partial<RetryPolicy>
  readonly queueSeconds?: number
  readonly checkpointSeconds?: number
}

/** A small case: who is there, and what may happen besides. */
export interface Scenario {
  readonly name: string
  readonly jobs: readonly ScenarioJob[]
  /** Workers at the start. */
  readonly workers: number
  /** Jobs are queries, and each worker has a model server beside it. */
  readonly hasModel?: boolean
  /** A queue with so many messages is deep (`findReached`). */
  readonly deepQueueMessages?: number
  /** By default the workers of the start stay, and there are no more. */
  readonly scaling?: Partial<ScalingPolicy>
  /** A policy that a deploy brings later. */
  readonly scalingLater?: { readonly atSeconds: number; readonly scaling: Partial<ScalingPolicy> }
  /** How far each wall clock is ahead: of `s1`, `w1`, … */
  readonly skewSeconds?: Readonly<Record<string, number>>
  /** Who may begin at any call: `cancel j1`, `retry j1`, `repeat j1`, `look`, `stop w1`. */
  readonly actors?: readonly string[]
  /** The run goes on at least so long. */
  readonly lastsSeconds?: number
  /** Something may go wrong only at these calls: see `Deviation.at`. */
  readonly onlyAt?: RegExp
  /** Something may go wrong only until then. */
  readonly faultsUntilSeconds: number
}
