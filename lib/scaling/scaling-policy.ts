import type { PerStrategy } from './strategies/strategies.ts'

/**
 * How a service scales. The defaults are those of PAI-EAS Scalable Job ("Enable automatic scaling",
 * PAI-EAS Scalable Job page), except where the text says otherwise.
 */
export interface ScalingPolicy {
  readonly min: number
  readonly max: number
  /** The setting of each strategy in use, at least one. Of several, the largest answer wins. */
  readonly strategies: PerStrategy
  /** A rise is wanted for this long before it happens. 0. */
  readonly scaleUpStabilizationSeconds: number
  /** A fall is wanted for this long before it happens. 1. */
  readonly scaleDownStabilizationSeconds: number
  /** The last worker stays this long after the last job. 60. */
  readonly zeroGraceSeconds: number
  /** Workers started at once when leaving zero. 1. */
  readonly activationWorkers: number
  /**
   * A worker counts as occupied once its jobs have run this long, so that short queries do not
   * overshoot and nothing waits for days behind long trainings. 30.
   */
  readonly occupiedAfterSeconds: number
}
