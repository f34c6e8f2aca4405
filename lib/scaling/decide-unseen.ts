import type { DecisionWithMemory } from './decision.ts'
import type { ScalerMemory } from './memory.ts'
import { listUnseen, type Observation, onlyServed, type PerTaskType } from './observation.ts'
import { chooseSides, type SideChoice } from './plan-versions.ts'
import type { ScalingPolicy } from './scaling-policy.ts'

export interface UnseenInput {
  readonly observation: Observation
  readonly memory: ScalerMemory
  readonly policy: ScalingPolicy
  readonly nowMs: number
  readonly waiting: PerTaskType<number> | undefined
}

/**
 * The decision while workers, fleet or all waiting jobs are out of sight: everything stays, but one
 * proven waiting job is enough for 0 → 1. Without a view of the fleet "0" is what was decided last.
 */
export function decideUnseen(input: UnseenInput): DecisionWithMemory {
  const { observation, memory, policy, nowMs, waiting } = input
  const { fleet } = observation
  const sides = fleet.seen ? fleet.value.sides : memory.sides
  const desired = sides === undefined ? undefined : sides.a.desired + sides.b.desired
  const choice = chooseLive(input)
  const served = waiting && onlyServed(waiting, observation.service)
  const jobs = served === undefined ? 0 : served.command + served.query
  const raises = desired === 0 && jobs > 0 && policy.max > 0 && choice !== undefined
  const raised = Math.max(Math.min(policy.activationWorkers, policy.max), 1)
  const before = memory.wanted ?? desired ?? 0
  // Never fewer than when everything was seen: a waiting job is no reason to want fewer.
  const wanted = raises ? Math.max(raised, before) : before
  return {
    decision: {
      atMs: nowMs,
      wanted,
      reason: raises ? 'raised-unseen' : 'not-observed',
      desired: raises ? { [choice.live]: raised } : {},
      ...(raises && choice.place && { place: choice.place }),
      drains: [],
      versions: choice === undefined ? {} : { live: choice.live },
      inputs: {
        ...(waiting && { waiting }),
        workers: {},
        unreported: 0,
        floor: 0,
        asked: {},
        unseen: listUnseen(observation),
      },
    },
    memory: memoryAfter(input, choice, {
      wanted,
      activation: raises ? raised : memory.activation,
    }),
  }
}

/** A side that already has a version to start, or that can be given one now. */
function chooseLive({ observation, memory }: UnseenInput): SideChoice | undefined {
  const { fleet } = observation
  if (fleet.seen) return chooseSides(fleet.value, memory.liveSide)
  const { liveSide, sides } = memory
  if (liveSide === undefined || sides?.[liveSide].version === undefined) return undefined
  return { live: liveSide }
}

/** Windows start anew: a look that could not see does not prove that their condition held. */
function memoryAfter(
  { memory, observation }: UnseenInput,
  choice: SideChoice | undefined,
  { wanted, activation }: { wanted: number; activation: number | undefined },
): ScalerMemory {
  const { riseSinceMs: _rise, fallSinceMs: _fall, activation: _before, ...rest } = memory
  const { fleet } = observation
  const isPlaced = choice?.place === undefined
  return {
    ...rest,
    ...(fleet.seen && { sides: fleet.value.sides }),
    ...(choice && isPlaced && { liveSide: choice.live }),
    wanted,
    ...(activation !== undefined && { activation }),
  }
}
