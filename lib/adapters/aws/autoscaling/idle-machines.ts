import type { JoinedMachine } from './ecs-machines.ts'
import type { ScalingGroup } from './scaling-groups.ts'

export interface IdleMachinesOptions {
  readonly idleSeconds: number
  readonly monotonicMs: () => number
}

export interface MachinesView {
  /** In the order of preference. */
  readonly groups: readonly ScalingGroup[]
  readonly joined: readonly JoinedMachine[]
  /** Machines that are wanted. */
  readonly needed: number
}

export interface EndingMachine {
  readonly machineId: string
  readonly why: 'idle' | 'draining' | 'never-joined'
}

/** A machine that has not joined the cluster by then, or left it for so long, is broken. */
const JOIN_MS = 900_000
/** After a longer pause between looks nobody knows what happened meanwhile. */
const FORGET_MS = 60_000

/** How long machines have been without use, and which of them should go. */
export class IdleMachines {
  readonly #options: IdleMachinesOptions
  readonly #sinceMs = new Map<string, number>()
  #lookedAtMs = -Infinity

  constructor(options: IdleMachinesOptions) {
    this.#options = options
  }

  /**
   * - Empty and told to take no more (a Spot machine about to go): at once.
   * - Not part of the cluster for a quarter of an hour: replaced.
   * - Empty for `idleSeconds` and more than are needed: those of the least preferred group first.
   */
  choose({ groups, joined, needed }: MachinesView): EndingMachine[] {
    const nowMs = this.#options.monotonicMs()
    const states = groups.toReversed().flatMap(({ machineIds }) =>
      machineIds.map((machineId) => {
        const seen = joined.find((each) => each.machineId === machineId)
        return { machineId, seen, unusedMs: this.#unusedMs(machineId, seen, nowMs) }
      }),
    )
    this.#forgetOthers(states.map(({ machineId }) => machineId))
    this.#lookedAtMs = nowMs
    const ending: EndingMachine[] = []
    for (const { machineId, seen, unusedMs } of states) {
      if (unusedMs === undefined) continue
      const hasLeft = seen === undefined || !(seen.isReady || seen.isDraining)
      if (seen?.isDraining === true) ending.push({ machineId, why: 'draining' })
      else if (hasLeft && unusedMs >= JOIN_MS) ending.push({ machineId, why: 'never-joined' })
    }
    let surplus = states.length - ending.length - needed
    for (const { machineId, seen, unusedMs = -1 } of states) {
      if (surplus <= 0) break
      if (seen?.isReady !== true || unusedMs < this.#options.idleSeconds * 1000) continue
      ending.push({ machineId, why: 'idle' })
      surplus -= 1
    }
    return ending
  }

  /** Nothing while tasks are on it. */
  #unusedMs(machineId: string, seen: JoinedMachine | undefined, nowMs: number): number | undefined {
    if (seen !== undefined && seen.tasks > 0) {
      this.#sinceMs.delete(machineId)
      return undefined
    }
    const wasAway = nowMs - this.#lookedAtMs > FORGET_MS
    const sinceMs = wasAway ? nowMs : (this.#sinceMs.get(machineId) ?? nowMs)
    this.#sinceMs.set(machineId, sinceMs)
    return nowMs - sinceMs
  }

  #forgetOthers(machineIds: readonly string[]): void {
    for (const known of this.#sinceMs.keys()) {
      if (!machineIds.includes(known)) this.#sinceMs.delete(known)
    }
  }
}
