import { runScenario } from '../world/run-scenario.ts'
import type { Scenario } from '../world/scenario.ts'
import type { Schedule } from '../world/schedule.ts'
import type { Step } from '../world/scheduler.ts'
import type { Explored, Found } from './explore.ts'
import { listDeviations } from './list-deviations.ts'
import { pickOne, randomNumbers } from './random-numbers.ts'
import { shrink } from './shrink.ts'

interface RandomOptions {
  readonly seed: number
  /** The most deviations of one schedule. */
  readonly depth: number
  /** Real time after which it stops. */
  readonly endMs: number
  readonly maxFound?: number
}

/**
 * Long schedules at random: each run adds one deviation to the one before, at a call that it really
 * made, until the schedule is as deep as it may be. The same seed makes the same schedules. What is
 * found is shrunk.
 */
export async function exploreAtRandom(
  scenarios: readonly Scenario[],
  { seed, depth, endMs, maxFound = 1 }: RandomOptions,
): Promise<Explored> {
  const random = randomNumbers(seed)
  const found: Found[] = []
  let [runs, steps] = [0, 0]
  while (performance.now() < endMs && found.length < maxFound) {
    const scenario = pickOne(scenarios, random)
    let schedule: Schedule = []
    for (let at = 0; at <= depth && performance.now() < endMs; at += 1) {
      const result = await runScenario(scenario, schedule)
      runs += 1
      steps += result.steps.length
      if (result.violation !== undefined) {
        found.push(await shrink({ scenario, schedule, violation: result.violation }))
        break
      }
      const places = placesIn(result.steps, scenario)
      if (places.length === 0) break // what went wrong so far leaves nothing else to go wrong
      schedule = extend(schedule, places, { scenario, random })
    }
  }
  return { runs, steps, states: 0, isComplete: false, found }
}

function placesIn(steps: readonly Step[], scenario: Scenario): readonly Step[] {
  return steps.filter(
    (step) =>
      step.atMs <= scenario.faultsUntilSeconds * 1000 && listDeviations(step, scenario).length > 0,
  )
}

function extend(
  schedule: Schedule,
  places: readonly Step[],
  { scenario, random }: { readonly scenario: Scenario; readonly random: () => number },
): Schedule {
  const step = pickOne(places, random)
  return [...schedule, { at: step.id, do: pickOne(listDeviations(step, scenario), random) }]
}
