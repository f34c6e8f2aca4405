/** How many machines a fleet needs, and which can go. Pure; one worker is counted a machine. */
import type { FleetObservation, Side } from '../../../ports/fleet.ts'
import { SIDES } from '../../../ports/fleet.ts'
import type { JoinedMachine } from './ecs-machines.ts'
import type { ScalingGroup } from './scaling-groups.ts'

export interface GroupState extends ScalingGroup {
  /** Its last try to start a machine failed. */
  readonly lastStartFailed: boolean
}

/** The size that each group should grow to, by its name; groups that are large enough are left out. */
export function growGroups(
  needed: number,
  groups: readonly GroupState[],
): { readonly group: GroupState; readonly desired: number }[] {
  let left = needed
  return groups.flatMap((group, index) => {
    const isLast = index === groups.length - 1
    // A group whose last start failed counts with what it has, and goes on trying beside the next one.
    const size = group.lastStartFailed && !isLast ? Math.min(left, group.machineIds.length) : left
    left -= size
    return size > group.desired ? [{ group, desired: size }] : []
  })
}

/** Machines that a side occupies, whatever is asked of it next. */
function occupiedBy({ tasks }: FleetObservation, side: Side): number {
  return tasks.filter((task) => task.side === side && task.state !== 'stopped').length
}

/** Machines for all workers that are asked for, and for all that are still stopping. */
export function neededFor(fleet: FleetObservation): number {
  return SIDES.map((side) => {
    const stopping = stoppingOn(fleet, side)
    return Math.max(fleet.sides[side].desired + stopping, occupiedBy(fleet, side))
  }).reduce((sum, each) => sum + each, 0)
}

/** Machines for this many workers on a side, and for what the other side has. */
export function neededForRaise(fleet: FleetObservation, side: Side, desired: number): number {
  const sides = { ...fleet.sides, [side]: { ...fleet.sides[side], desired } }
  return neededFor({ ...fleet, sides })
}

/** Tasks that a side can have now: its own ones, and one for each empty machine that is ready. */
export function roomFor(
  fleet: FleetObservation,
  side: Side,
  joined: readonly JoinedMachine[],
): number {
  const free = joined.filter(({ isReady, tasks }) => isReady && tasks === 0).length
  const onItsWay = SIDES.filter((each) => each !== side).map((each) => missingOn(fleet, each))
  return listedOn(fleet, side) + Math.max(free - Math.max(...onItsWay), 0)
}

/** Tasks that ECS was asked for and has not started. */
export function missingOn(fleet: FleetObservation, side: Side): number {
  return Math.max(fleet.sides[side].desired - listedOn(fleet, side), 0)
}

/** Tasks that run or start. */
export function listedOn({ tasks }: FleetObservation, side: Side): number {
  return tasks.filter(
    ({ side: at, state }) => at === side && (state === 'pending' || state === 'running'),
  ).length
}

function stoppingOn({ tasks }: FleetObservation, side: Side): number {
  return tasks.filter((task) => task.side === side && task.state === 'stopping').length
}
