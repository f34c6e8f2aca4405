import type { ScalingPolicy } from '../scaling/scaling-policy.ts'
import { withDefault } from '../scaling/strategies/strategies.ts'
import type { ServiceJson } from './schema/service-schema.ts'

const OCCUPIED_AFTER_SECONDS = 30

/** `autoscaler`, with `metadata.instance` as the fewest workers where it sets none. */
export function compileScaling({ autoscaler, metadata }: ServiceJson): ScalingPolicy {
  const { min, max, strategies, behavior } = autoscaler
  return {
    min: min ?? metadata.instance,
    max,
    strategies: withDefault(strategies),
    scaleUpStabilizationSeconds: behavior.scaleUp.stabilizationWindowSeconds,
    scaleDownStabilizationSeconds: behavior.scaleDown.stabilizationWindowSeconds,
    zeroGraceSeconds: behavior.onZero.scaleDownGracePeriodSeconds,
    activationWorkers: behavior.onZero.scaleUpActivationReplicas,
    occupiedAfterSeconds: OCCUPIED_AFTER_SECONDS,
  }
}
