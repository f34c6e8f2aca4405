import type { Roster } from './classify-workers.ts'
import type { ScalerMemory } from './memory.ts'
import type { FleetFacts } from './observation.ts'
import { planScaleIn, type SidePlan } from './plan-scale-in.ts'
import { type SideChoice, splitWanted } from './plan-versions.ts'
import type { WantedWorkers } from './settle-wanted.ts'
import type { Side } from './sides.ts'

interface SidesInput {
  readonly fleet: FleetFacts
  readonly choice: SideChoice
  readonly roster: Roster
  readonly target: WantedWorkers
  readonly max: number
  readonly mayLower: boolean
  readonly nowMs: number
}

/** The wanted workers shared out to both sides, and what it takes to come there. */
export function planSides(input: SidesInput): Record<Side, SidePlan> {
  const { fleet, choice, roster, target, max, mayLower, nowMs } = input
  const { live } = choice
  const isGrace = target.reason === 'zero-grace'
  const targets = splitWanted({ wanted: target.wanted, live, fleet, roster, max, isGrace })
  const planFor = (side: Side) =>
    planScaleIn({
      workers: roster.workers.filter((worker) => worker.side === side),
      unreported: roster.unreported[side],
      desired: fleet.sides[side].desired,
      target: targets[side],
      reason: side === live ? 'surplus' : 'old-version',
      mayLower,
      nowMs,
    })
  return { a: planFor('a'), b: planFor('b') }
}

/** Both sides as they will be once the plans are carried out. */
export function sidesAfter(
  fleet: FleetFacts,
  { place }: SideChoice,
  plans: Record<Side, SidePlan>,
): NonNullable<ScalerMemory['sides']> {
  const after = (side: Side) => ({
    ...fleet.sides[side],
    ...(place?.side === side && { version: place.version }),
    desired: plans[side].desired,
  })
  return { a: after('a'), b: after('b') }
}
