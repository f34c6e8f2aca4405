/**
 * Explores schedules exhaustively up to a bound.
 *
 * A run follows the one way in which everything goes when nothing is wrong, but for the deviations
 * of its schedule (`Deviation`): each a fault, a delay, a preemption or another actor's beginning, at
 * one port call. Explored are all schedules with at most `depth` deviations, where each call up to
 * `faultsUntilSeconds` of virtual time is a place for one, and each of `listDeviations` a kind; the
 * further ones lie behind the first (delay-bounded exploration: Emmi, Qadeer, Rakamarić,
 * "Delay-bounded scheduling", POPL 2011).
 *
 * A run is left as soon as it comes to a state (stores, fleet, waiting calls, and what each process
 * was answered so far) from which a run with as many deviations to spare went on before: code is
 * deterministic, so the rest would be the same.
 */
import { runScenario, type Violation } from '../world/run-scenario.ts'
import type { Scenario } from '../world/scenario.ts'
import type { Schedule } from '../world/schedule.ts'
import { listDeviations } from './list-deviations.ts'

export interface Found {
  readonly scenario: Scenario
  readonly schedule: Schedule
  readonly violation: Violation
}

export interface Explored {
  readonly runs: number
  readonly states: number
  readonly steps: number
  /** Whether the bound, and not the time, ended it. */
  readonly isComplete: boolean
  readonly found: readonly Found[]
}

export interface ExploreOptions {
  /** Deviations per schedule. */
  readonly depth: number
  /** Real time after which it stops. */
  readonly endMs?: number
  /** Violations after which it stops. */
  readonly maxFound?: number
  /** Numbers in [0, 1) that say which schedule is next, for where there is no time for all. */
  readonly random?: () => number
}

export async function explore(scenario: Scenario, options: ExploreOptions): Promise<Explored> {
  const { depth, endMs = Infinity, maxFound = 1, random = () => 1 } = options
  /** State → the most deviations to spare with which it was seen. */
  const states = new Map<number, number>()
  const found: Found[] = []
  let [runs, steps] = [0, 0]
  const waiting: Schedule[] = [[]]
  while (waiting.length > 0 && found.length < maxFound && performance.now() < endMs) {
    const schedule = takeNext(waiting, random)
    const spare = depth - schedule.length
    const last = schedule.at(-1)
    let isPast = last === undefined
    let firstNew = last === undefined ? 0 : Infinity
    const result = await runScenario(scenario, schedule, {
      isKnown: ({ scheduler, fingerprint }) => {
        const { length } = scheduler.steps
        if (!isPast) {
          isPast = scheduler.unused === 0
          if (isPast) firstNew = length
          return false
        }
        return noteState(states, fingerprint(), spare)
      },
    })
    runs += 1
    steps += result.steps.length
    if (result.violation !== undefined) {
      found.push({ scenario, schedule, violation: result.violation })
      continue
    }
    if (spare === 0) continue
    for (const step of result.steps.slice(firstNew)) {
      if (step.atMs > scenario.faultsUntilSeconds * 1000) break
      for (const what of listDeviations(step, scenario)) {
        waiting.push([...schedule, { at: step.id, do: what }])
      }
    }
  }
  return { runs, steps, states: states.size, isComplete: waiting.length === 0, found }
}

function takeNext(waiting: Schedule[], random: () => number): Schedule {
  const last = waiting.pop() ?? []
  const at = Math.floor(random() * (waiting.length + 1))
  const picked = waiting[at]
  if (picked === undefined) return last
  waiting[at] = last
  return picked
}

/** Whether the state was seen with as many deviations to spare. */
function noteState(states: Map<number, number>, state: number, spare: number): boolean {
  const before = states.get(state) ?? -1
  if (before >= spare) return true
  states.set(state, spare)
  return false
}
