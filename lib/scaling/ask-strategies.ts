import type { ScalerMemory } from './memory.ts'
import type { ScalingPolicy } from './scaling-policy.ts'
import { wantedByAvgWaitingLength } from './strategies/avg-waiting-length.ts'
import { wantedByTargetWait } from './strategies/target-wait.ts'
import type { StrategyInput } from './strategies/workers-for.ts'

/** What each strategy that is set asks for, without bounds. */
export interface Asked {
  readonly avgWaitingLength?: number
  readonly targetWait?: number
}

const DEFAULT_AVG_WAITING_LENGTH = 2

/** Asks every strategy that is set; with none set, PAI-EAS's with its default of 2. */
export function askStrategies(
  input: StrategyInput,
  policy: ScalingPolicy,
  runSeconds: ScalerMemory['runSeconds'],
): Asked {
  const { targetWaitSeconds, occupiedAfterSeconds } = policy
  const none = policy.avgWaitingLength === undefined && targetWaitSeconds === undefined
  const avgWaitingLength = none ? DEFAULT_AVG_WAITING_LENGTH : policy.avgWaitingLength
  return {
    ...(avgWaitingLength !== undefined && {
      avgWaitingLength: wantedByAvgWaitingLength(input, { avgWaitingLength, occupiedAfterSeconds }),
    }),
    ...(targetWaitSeconds !== undefined && {
      targetWait: wantedByTargetWait(input, {
        targetWaitSeconds,
        occupiedAfterSeconds,
        runSeconds,
      }),
    }),
  }
}

/** Both set: the larger answer wins. */
export function largestOf({ avgWaitingLength = 0, targetWait = 0 }: Asked): number {
  return Math.max(avgWaitingLength, targetWait)
}
