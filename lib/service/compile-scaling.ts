import type { ScalingPolicy } from '../scaling/scaling-policy.ts'
import type { ServiceJson } from './schema/service-schema.ts'

const AVG_WAITING_LENGTH = 2
const OCCUPIED_AFTER_SECONDS = 30

/** `autoscaler`, with `metadata.instance` as the fewest workers where it sets none. */
export function compileScaling({ autoscaler, metadata }: ServiceJson): ScalingPolicy {
  const { min, max, strategies, behavior } = autoscaler
  const { target_wait_seconds: targetWaitSeconds } = strategies
  const avgWaitingLength =
    strategies.avg_waiting_length ??
    (targetWaitSeconds === undefined ? AVG_WAITING_LENGTH : undefined)
  return {
    min: min ?? metadata.instance,
    max,
    ...(avgWaitingLength === undefined ? {} : { avgWaitingLength }),
    ...(targetWaitSeconds === undefined ? {} : { targetWaitSeconds }),
    scaleUpStabilizationSeconds: behavior.scaleUp.stabilizationWindowSeconds,
    scaleDownStabilizationSeconds: behavior.scaleDown.stabilizationWindowSeconds,
    zeroGraceSeconds: behavior.onZero.scaleDownGracePeriodSeconds,
    activationWorkers: behavior.onZero.scaleUpActivationReplicas,
    occupiedAfterSeconds: OCCUPIED_AFTER_SECONDS,
  }
}
