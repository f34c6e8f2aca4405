import type { Fleet, FleetObservation, Side } from '../../../ports/fleet.ts'
import { SIDES } from '../../../ports/fleet.ts'
import type { Log } from '../../../ports/log.ts'
import type { FleetSettings, MachineSettings } from '../aws-settings.ts'
import { bounded } from '../bounded.ts'
import { limitsOf } from '../client-settings.ts'
import { EcsMachines, type JoinedMachine } from './ecs-machines.ts'
import { IdleMachines } from './idle-machines.ts'
import { type ScalingGroup, ScalingGroups } from './scaling-groups.ts'
import {
  growGroups,
  listedOn,
  missingOn,
  neededFor,
  neededForRaise,
  roomFor,
  type GroupState,
} from './plan-machines.ts'

export interface AsgSizedFleetOptions {
  /** Counts tasks; knows nothing of machines. */
  readonly fleet: Fleet
  readonly settings: MachineSettings
  readonly monotonicMs: () => number
  readonly log: Log
}

/** A recent request still counts: machines take minutes to start, and looks come every 10 s. */
const ASKED_KEPT_MS = 30_000
/** How long a task may look for a place before the count is lowered to the room there is. */
const UNPLACED_MS = 30_000

interface Machines {
  readonly groups: readonly ScalingGroup[]
  readonly joined: readonly JoinedMachine[]
}

/**
 * A fleet on Auto Scaling groups, whose sizes it sets itself. It asks for the machine of a waiting job
 * in the look that sees the job, and ends an empty one after `idleSeconds`. CloudWatch alarms would
 * take a minute for the first and a quarter of an hour for the second, and start two machines from zero.
 *
 * - *Raise*: first the groups grow to a machine for each worker. The ECS service follows only up to
 *   the machines that have joined: ECS gives up on a task without a place and tries again minutes
 *   later. The scaler sees the count that ECS has and asks again in each look, so the rest follows
 *   as machines join.
 * - *Lower*: the ECS service at once. Machines never go by a group's size, since EC2 Auto Scaling
 *   would choose which; each look ends those by name that are empty and have been for a while. An
 *   empty machine is first taken out of ECS's choice and looked at again, so no task is on one that
 *   ends. Nothing is protected from scale-in, so nothing of this delays the end of a stack.
 * - Spot: where the preferred group cannot start machines, the next one grows in its place.
 *
 * Between looks it remembers how long things have been as they are. Only a process that has looked
 * lately ends a machine; one that forgets keeps it longer.
 */
export class AsgSizedFleet implements Fleet {
  readonly #options: AsgSizedFleetOptions
  readonly #groups: ScalingGroups
  readonly #machines: EcsMachines
  readonly #idle: IdleMachines
  readonly #callMs: number
  readonly #unplacedSinceMs = new Map<Side, number>()
  #asked: { readonly machines: number; readonly atMs: number } | undefined
  #unneededSinceMs: number | undefined
  #tendedAtMs = -Infinity

  constructor(options: AsgSizedFleetOptions) {
    const { settings, monotonicMs } = options
    this.#options = options
    this.#groups = new ScalingGroups(settings)
    this.#machines = new EcsMachines(settings)
    this.#idle = new IdleMachines({ idleSeconds: settings.machines.idleSeconds, monotonicMs })
    this.#callMs = limitsOf(settings, 'fleet').callMs
  }

  /** Each look also tends the machines. An error there is logged; what was observed counts anyway. */
  async observe(): Promise<FleetObservation> {
    const fleet = await this.#options.fleet.observe()
    try {
      await this.#bounded('tend machines', (signal) => this.#tend(fleet, signal))
    } catch (error) {
      this.#options.log.warn('machines not tended', { error: String(error) })
    }
    return fleet
  }

  async setDesired(side: Side, desired: number): Promise<void> {
    const { fleet } = this.#options
    const seen = await fleet.observe()
    const now = seen.sides[side].desired
    if (desired <= now) {
      await fleet.setDesired(side, desired)
      return
    }
    const joined = await this.#bounded('raise', (signal) =>
      this.#grow(seen, { side, desired }, signal),
    )
    const possible = Math.min(desired, roomFor(seen, side, joined))
    if (possible > now) await fleet.setDesired(side, possible)
  }

  place(side: Side, version: string): Promise<void> {
    return this.#options.fleet.place(side, version)
  }

  stopTask(taskId: string, reason: string): Promise<void> {
    return this.#options.fleet.stopTask(taskId, reason)
  }

  findStopped(taskIds: readonly string[]): Promise<readonly string[]> {
    return this.#options.fleet.findStopped(taskIds)
  }

  close(): void {
    this.#groups.close()
    this.#machines.close()
  }

  async #grow(
    fleet: FleetObservation,
    { side, desired }: { side: Side; desired: number },
    signal: AbortSignal,
  ): Promise<readonly JoinedMachine[]> {
    const needed = neededForRaise(fleet, side, desired)
    this.#noteAsked(needed)
    const { groups, joined } = await this.#look(signal)
    for (const change of growGroups(needed, await this.#findStates(groups, signal))) {
      await this.#groups.setDesired(change.group, change.desired, signal)
      const { name: group, desired: from } = change.group
      this.#options.log.info('machines asked for', { group, from, to: change.desired })
    }
    return joined
  }

  async #tend(fleet: FleetObservation, signal: AbortSignal): Promise<void> {
    const seen = await this.#look(signal)
    const needed = Math.max(neededFor(fleet), this.#askedLately())
    const ending = this.#idle.choose({ ...seen, needed })
    for (const { machineId, why } of ending) {
      const joined = seen.joined.find((each) => each.machineId === machineId)
      if (joined !== undefined && !(await this.#machines.closeIfEmpty(joined, signal))) continue
      await this.#groups.end(machineId, signal)
      this.#options.log.info('machine ended', { machineId, why })
    }
    if (this.#isLongUnneeded(needed)) await this.#forgetUnstarted(seen.groups, signal)
    await this.#lowerUnplaced(fleet, seen.joined)
  }

  /** Gives up machines that never came. Only of a group without any: a lower size ends machines. */
  async #forgetUnstarted(groups: readonly ScalingGroup[], signal: AbortSignal): Promise<void> {
    for (const group of groups) {
      if (group.desired === 0 || group.machineIds.length > 0) continue
      await this.#groups.setDesired(group, 0, signal)
      this.#options.log.info('machines no longer asked for', { group: group.name })
    }
  }

  /**
   * A broken machine leaves ECS with a task that has no place, which ECS tries to place at longer and
   * longer intervals. The count is lowered to what runs or has room; when asked again, ECS tries at once.
   */
  async #lowerUnplaced(fleet: FleetObservation, joined: readonly JoinedMachine[]): Promise<void> {
    const nowMs = this.#options.monotonicMs()
    for (const side of SIDES) {
      const free = joined.filter(({ isReady, tasks }) => isReady && tasks === 0).length
      if (missingOn(fleet, side) <= free) {
        this.#unplacedSinceMs.delete(side)
        continue
      }
      const sinceMs = this.#unplacedSinceMs.get(side) ?? nowMs
      this.#unplacedSinceMs.set(side, sinceMs)
      if (nowMs - sinceMs < UNPLACED_MS) continue
      this.#unplacedSinceMs.delete(side)
      // The next look asks again; until then its machine is still wanted.
      this.#noteAsked(neededFor(fleet))
      const desired = listedOn(fleet, side) + free
      await this.#options.fleet.setDesired(side, desired)
      this.#options.log.info('tasks without a place are asked for anew', { side, desired })
    }
  }

  async #look(signal: AbortSignal): Promise<Machines> {
    const groups = await this.#groups.describe(signal)
    const hasMachines = groups.some(({ machineIds }) => machineIds.length > 0)
    return { groups, joined: hasMachines ? await this.#machines.list(signal) : [] }
  }

  /** Asked only of a group that has fewer machines than it should. */
  async #findStates(groups: readonly ScalingGroup[], signal: AbortSignal): Promise<GroupState[]> {
    const seen: GroupState[] = []
    for (const group of groups) {
      const isShort = group.desired > group.machineIds.length
      seen.push({
        ...group,
        lastStartFailed: isShort && (await this.#groups.lastStartFailed(group, signal)),
      })
    }
    return seen
  }

  #noteAsked(machines: number): void {
    this.#asked = { machines, atMs: this.#options.monotonicMs() }
  }

  /** One look is not enough: another process may have asked for machines that have not started yet. */
  #isLongUnneeded(needed: number): boolean {
    const nowMs = this.#options.monotonicMs()
    const wasAway = nowMs - this.#tendedAtMs > ASKED_KEPT_MS
    this.#tendedAtMs = nowMs
    if (needed > 0 || wasAway) this.#unneededSinceMs = undefined
    if (needed > 0) return false
    this.#unneededSinceMs ??= nowMs
    return nowMs - this.#unneededSinceMs >= ASKED_KEPT_MS
  }

  #askedLately(): number {
    const asked = this.#asked
    const isLate = asked === undefined || this.#options.monotonicMs() - asked.atMs > ASKED_KEPT_MS
    return isLate ? 0 : asked.machines
  }

  #bounded<T>(action: string, run: (signal: AbortSignal) => Promise<T>): Promise<T> {
    return bounded({ port: 'fleet', action, callMs: this.#callMs }, run)
  }
}

/**
 * For the scaler: the fleet, with its machines sized where the settings name Auto Scaling groups. An
 * observer must use the fleet as it is, since looking at this one also ends idle machines.
 */
export function sizeMachines(fleet: Fleet, settings: FleetSettings, log: Log): Fleet {
  const { machines } = settings
  if (machines === undefined) return fleet
  const monotonicMs = (): number => performance.now()
  return new AsgSizedFleet({ fleet, settings: { ...settings, machines }, monotonicMs, log })
}
