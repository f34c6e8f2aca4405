import { runScenario } from '../world/run-scenario.ts'
import type { Schedule } from '../world/schedule.ts'
import type { Found } from './explore.ts'

/** Takes deviations away, one at a time, for as long as the same promise is broken without them. */
export async function shrink(found: Found): Promise<Found> {
  const { scenario, violation } = found
  let smallest = found
  for (let at = found.schedule.length - 1; at >= 0; at -= 1) {
    const schedule: Schedule = smallest.schedule.filter((_, index) => index !== at)
    const result = await runScenario(scenario, schedule)
    if (result.violation?.invariant !== violation.invariant) continue
    smallest = { scenario, schedule, violation: result.violation }
  }
  return smallest
}
