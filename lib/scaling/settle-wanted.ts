import type { ScalerMemory } from './memory.ts'
import type { ScalingPolicy } from './scaling-policy.ts'
import type { ScalingReason } from './scaling-reasons.ts'
import { largestOf, type PerStrategy } from './strategies/strategies.ts'

interface WantedInput {
  readonly asked: PerStrategy
  /** What would be asked for if the running jobs turned out long; at least `asked`. */
  readonly askedIfLong: number
  readonly waiting: number
  readonly floor: number
  /** Whether a job runs. */
  readonly runs: boolean
  /** Desired counts of both sides, as observed. */
  readonly desired: number
  /** Why nothing may be lowered in this look. */
  readonly mayNotLower?: 'not-observed' | 'stale-observation'
  readonly memory: ScalerMemory
  readonly policy: ScalingPolicy
  readonly nowMs: number
}

type WindowMemory = 'wanted' | 'riseSinceMs' | 'fallSinceMs' | 'lastActiveAtMs' | 'activation'

export interface WantedWorkers {
  readonly wanted: number
  readonly reason: ScalingReason
  readonly memory: Pick<ScalerMemory, WindowMemory>
}

interface Count {
  readonly count: number
  readonly reason: ScalingReason
}

/**
 * Turns what the strategies ask for into what is wanted: bounds, activation, zero grace, windows,
 * floor.
 *
 * It rises to what is asked, and falls only to what would be asked if the running jobs turned out
 * long; in between it stays, so that a worker that is still starting is not given up because the
 * first ones have just taken their jobs. The maximum bounds growth alone: it never goes below the
 * floor.
 */
export function settleWanted(input: WantedInput): WantedWorkers {
  const { memory, policy, nowMs, floor } = input
  const before = memory.wanted ?? input.desired
  const isActive = input.waiting > 0 || input.runs
  const lastActiveAtMs = isActive ? nowMs : sinceMs(memory.lastActiveAtMs, nowMs)
  const isLeavingZero = input.waiting > 0 && before === 0 && input.desired === 0
  const activation = activationOf(input, isLeavingZero)
  const called = callFor(input, { before, activation, idleMs: nowMs - lastActiveAtMs })
  const held = holdForWindow(called, before, input)
  const settled: Count = held.count < floor ? { count: floor, reason: 'busy-floor' } : held
  const rises = called.count > before
  const falls = called.count < before && input.mayNotLower === undefined
  const isFirst = isLeavingZero && settled.count > 0 && settled.count <= policy.max
  return {
    wanted: settled.count,
    reason: isFirst ? 'leaving-zero' : settled.reason,
    memory: {
      wanted: settled.count,
      lastActiveAtMs,
      ...(rises && { riseSinceMs: sinceMs(memory.riseSinceMs, nowMs) }),
      ...(falls && { fallSinceMs: sinceMs(memory.fallSinceMs, nowMs) }),
      ...(activation > 0 && { activation }),
    },
  }
}

/** Workers that leaving zero starts at once; they stay wanted until nothing waits any more. */
function activationOf({ waiting, memory, policy }: WantedInput, isLeavingZero: boolean): number {
  if (waiting === 0) return 0
  if (isLeavingZero) return Math.min(policy.activationWorkers, policy.max)
  return Math.min(memory.activation ?? 0, policy.max)
}

function callFor(
  { asked, askedIfLong, policy }: WantedInput,
  { before, activation, idleMs }: { before: number; activation: number; idleMs: number },
): Count {
  const { count: raw, reason } = largestOf(asked)
  const steady = Math.max(raw, Math.min(before, askedIfLong), activation)
  if (steady > policy.max) return { count: policy.max, reason: 'at-max' }
  if (steady < policy.min) {
    return { count: policy.min, reason: before < policy.min ? 'below-min' : 'min-warm' }
  }
  if (steady === 0 && before > 0 && idleMs < policy.zeroGraceSeconds * 1000) {
    return { count: 1, reason: 'zero-grace' }
  }
  if (steady > before) return { count: steady, reason }
  return { count: steady, reason: raw < steady ? 'young-jobs' : 'steady' }
}

function holdForWindow(called: Count, before: number, input: WantedInput): Count {
  const { memory, policy, nowMs, mayNotLower } = input
  if (called.count > before) {
    const heldMs = nowMs - sinceMs(memory.riseSinceMs, nowMs)
    const isOver = heldMs >= policy.scaleUpStabilizationSeconds * 1000
    return isOver ? called : { count: before, reason: 'rise-held' }
  }
  if (called.count === before) return called
  if (mayNotLower !== undefined) return { count: before, reason: mayNotLower }
  const heldMs = nowMs - sinceMs(memory.fallSinceMs, nowMs)
  const isOver = heldMs >= policy.scaleDownStabilizationSeconds * 1000
  if (!isOver) return { count: before, reason: 'fall-held' }
  const isGrace = called.reason === 'zero-grace'
  return isGrace ? called : { count: called.count, reason: 'fewer-needed' }
}

/** A wall clock that went back must not leave a time in the future. */
function sinceMs(remembered: number | undefined, nowMs: number): number {
  return Math.min(remembered ?? nowMs, nowMs)
}
