import type { Roster, Worker } from './classify-workers.ts'
import type { ScalerMemory } from './memory.ts'
import type { FleetFacts } from './observation.ts'
import { type SideChoice, splitWanted } from './plan-versions.ts'
import type { WantedWorkers } from './settle-wanted.ts'
import type { Side } from './sides.ts'
import { toTimestamp } from '../job/job.ts'
import type { DrainOrder } from './worker-row.ts'
import type { DrainChange } from './decision.ts'

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

/** An order lapses by itself, so that a scaler that died cannot idle a fleet for ever. */
const ORDER_MS = 120_000
const RENEW_BELOW_MS = 60_000

interface SidePlanInput {
  /** The side's workers, and its tasks that have not reported. */
  readonly workers: readonly Worker[]
  readonly unreported: number
  readonly desired: number
  /** How many workers the side should come to. */
  readonly target: number
  readonly reason: DrainOrder['reason']
  readonly mayLower: boolean
  readonly nowMs: number
}

export interface SidePlan {
  readonly desired: number
  readonly drains: readonly DrainChange[]
}

/**
 * Scale-in in two steps. First the surplus gets a drain order: free workers only, the least useful
 * ones. Then the desired count falls by those that have followed it: draining, without job, without
 * protection. A task that never wrote a row has no job and needs no order; a silent worker reads
 * none.
 *
 * On the side of an old version the working ones get the order as well: they finish, and take no
 * further job. On the live side a working worker is never surplus: its order is withdrawn.
 */
function planScaleIn(input: SidePlanInput): SidePlan {
  const { workers, unreported, desired, target, mayLower } = input
  const working = workers.filter((worker) => worker.isWorking)
  const spare = rankSpare(workers, unreported)
  const keptCount = Math.max(target - working.length, 0)
  const kept = spare.slice(0, keptCount).filter((each) => each !== 'unreported')
  const surplus = spare.slice(keptCount)
  const isOld = input.reason === 'old-version'
  const ordered = [
    ...surplus.filter((each) => each !== 'unreported' && each.kind !== 'silent'),
    ...(isOld ? working : []),
  ] as Worker[]
  const drains = [
    ...(isOld ? kept : [...kept, ...working]).flatMap(withdraw),
    ...(mayLower ? ordered.flatMap((worker) => giveOrRenew(worker, input)) : []),
  ]
  if (target >= desired) return { desired: target, drains }
  const removable = surplus.filter(isRemovable).length
  const lowered = Math.max(target, workers.length + unreported - removable)
  return { desired: mayLower ? Math.min(desired, lowered) : desired, drains }
}

type Spare = Worker | 'unreported'

/** Free workers, the most useful first: what is kept is taken from the front. */
function rankSpare(workers: readonly Worker[], unreported: number): Spare[] {
  const spare: Spare[] = workers.filter((worker) => !worker.isWorking)
  for (let index = 0; index < unreported; index += 1) spare.push('unreported')
  return spare.toSorted((one, other) => rankOf(one) - rankOf(other))
}

function rankOf(spare: Spare): number {
  if (spare === 'unreported') return 3
  if (spare.kind === 'silent') return 5
  // Without an order it drains for a reason of its own (SIGTERM) and cannot be kept.
  if (spare.kind === 'draining') return spare.order === undefined ? 4 : 1
  return spare.kind === 'starting' ? 2 : 0
}

function isRemovable(spare: Spare): boolean {
  return spare === 'unreported' || spare.isReleased || spare.kind === 'silent'
}

function withdraw(worker: Worker): DrainChange[] {
  if (worker.order === undefined) return []
  return [{ workerId: worker.facts.workerId, kind: 'withdraw' }]
}

function giveOrRenew(worker: Worker, { reason, nowMs }: SidePlanInput): DrainChange[] {
  const { order } = worker
  const isSame = order?.reason === reason
  if (isSame && order.expiresAtMs - nowMs >= RENEW_BELOW_MS) return []
  const times = { orderedAt: toTimestamp(nowMs), expiresAt: toTimestamp(nowMs + ORDER_MS) }
  const kind = isSame ? 'renew' : 'give'
  return [{ workerId: worker.facts.workerId, kind, order: { reason, ...times } }]
}
