import type { Roster, Worker } from './classify-workers.ts'
import type { VersionsNote } from './decision.ts'
import type { FleetFacts } from './observation.ts'
import { otherSide, type Side, SIDES } from './sides.ts'

export interface SideChoice {
  /** The side that gets new work. */
  readonly live: Side
  /** The live side is empty and must be given the latest version first. */
  readonly place?: { readonly side: Side; readonly version: string }
  /** The latest version has no side yet: both sides still have workers of other versions. */
  readonly waits?: { readonly version: string }
}

/**
 * Which side gets new work. The latest version goes to the side that is empty; while neither is, it
 * waits, and the newer of the two goes on taking work. A fleet that never ran begins with side a.
 *
 * @param remembered the side that was live in the last look
 */
export function chooseSides(fleet: FleetFacts, remembered: Side | undefined): SideChoice {
  const { latestVersion: version } = fleet
  const isFirstStart = remembered === undefined && SIDES.every((side) => isEmpty(fleet, side))
  if (isFirstStart) return startOn('a', fleet)
  const preferred = remembered === undefined ? SIDES : [remembered, otherSide(remembered)]
  const live = preferred.find((side) => fleet.sides[side].version === version)
  if (live !== undefined) return { live }
  const empty = preferred.find((side) => isEmpty(fleet, side))
  if (empty !== undefined) return startOn(empty, fleet)
  return { live: remembered ?? busierSide(fleet), waits: { version } }
}

/** @param live a side that is empty */
function startOn(live: Side, { sides, latestVersion: version }: FleetFacts): SideChoice {
  return { live, ...(sides[live].version !== version && { place: { side: live, version } }) }
}

function isEmpty(fleet: FleetFacts, side: Side): boolean {
  return fleet.sides[side].desired === 0 && !fleet.tasks.some((task) => task.side === side)
}

/** Without a memory: the side with the larger desired count took work. */
function busierSide({ sides }: FleetFacts): Side {
  return sides.b.desired > sides.a.desired ? 'b' : 'a'
}

interface SplitInput {
  readonly wanted: number
  readonly live: Side
  readonly fleet: FleetFacts
  readonly roster: Roster
  readonly max: number
  /** Only the zero grace keeps a worker: nothing is started, and no old worker stays, because of it. */
  readonly isGrace: boolean
}

/**
 * How many workers each side should come to. Workers with jobs on the old side finish them and
 * count; the rest is wanted on the live side. The old side's free workers stay until the live side is
 * ready to replace them; where the maximum leaves the live side no room, they make room one at a
 * time.
 */
export function splitWanted(input: SplitInput): Record<Side, number> {
  const { wanted, live, fleet, roster, max, isGrace } = input
  const old = otherSide(live)
  const heldOld = floorOf(roster.workers, old)
  const listedOld = countListed(roster, old)
  const need = Math.max(wanted - heldOld, 0)
  const room = Math.max(max - listedOld, 0)
  const floorLive = floorOf(roster.workers, live)
  const grown = isGrace ? Math.min(need, fleet.sides[live].desired) : need
  const ready = roster.workers.filter((worker) => worker.side === live && isReady(worker)).length
  const makeRoom = need > room ? 1 : 0
  const keep = isGrace ? 0 : Math.max(need - ready - makeRoom, 0)
  const targets = { a: 0, b: 0 }
  targets[live] = Math.max(Math.min(grown, room), floorLive)
  targets[old] = heldOld + Math.min(keep, listedOld - heldOld)
  return targets
}

/** Workers and tasks of a side that the fleet lists as starting or running. */
function countListed({ workers, unreported }: Roster, side: Side): number {
  return workers.filter((worker) => worker.side === side).length + unreported[side]
}

function isReady(worker: Worker): boolean {
  return !worker.takesNothing && worker.kind !== 'starting'
}

/** Which version is live, which one drains, and which one waits for a job to end. */
export function noteVersions(
  fleet: FleetFacts,
  { live, waits }: SideChoice,
  workers: readonly Worker[],
): VersionsNote {
  const old = otherSide(live)
  const draining = isEmpty(fleet, old) ? undefined : fleet.sides[old].version
  const heldByJobId = findHoldingJob(workers, old)
  return {
    live,
    ...(draining !== undefined && { draining }),
    ...(waits && { waiting: { ...waits, ...(heldByJobId && { heldByJobId }) } }),
  }
}

/** The oldest job of the old side: a version that waits for an empty side waits for it. */
function findHoldingJob(workers: readonly Worker[], old: Side): string | undefined {
  return workers
    .filter((worker) => worker.side === old)
    .flatMap((worker) => worker.facts.jobs)
    .toSorted((one, other) => one.startedAtMs - other.startedAtMs)[0]?.jobId
}

/**
 * Workers of a side that are busy or protected and still listed by the fleet. A desired count below
 * it would make ECS refuse protection to the next worker that asks (`DEPLOYMENT_BLOCKED`: "more
 * protected tasks than the desired count").
 */
export function floorOf(workers: readonly Worker[], side?: Side): number {
  const asked = workers.filter((worker) => side === undefined || worker.side === side)
  return asked.filter((worker) => worker.isWorking).length
}
