/**
 * Explores the protocol: all schedules of every small case with one deviation, then with two, then
 * deep ones at random, for as long as there is time. Exits with 1 at a broken promise, and prints
 * the shrunk schedule.
 *
 *     npm run explore -- --seconds 600 --seed 7
 *     npm run explore -- --scenario "two workers, one job" --depth 2
 */
import { parseArgs } from 'node:util'
import { type Explored, explore } from './explore/explore.ts'
import { exploreAtRandom } from './explore/explore-at-random.ts'
import { randomNumbers } from './explore/random-numbers.ts'
import { SCENARIOS, scenarioNamed } from './explore/scenarios.ts'
import { shrink } from './explore/shrink.ts'
import type { Scenario } from './world/scenario.ts'
import { describeSchedule } from './world/schedule.ts'

// Aborted waits make errors by the thousand, and nobody reads where they were made.
Error.stackTraceLimit = 0

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '600' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    depth: { type: 'string', default: '2' },
    scenario: { type: 'string' },
  },
})
const startedMs = performance.now()
const endMs = startedMs + Number(values.seconds) * 1000
const seed = Number(values.seed)
const random = randomNumbers(seed)
const scenarios = values.scenario === undefined ? SCENARIOS : [scenarioNamed(values.scenario)]

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}

function report(what: string, explored: Explored, sinceMs: number): boolean {
  const { runs, states, steps, isComplete, found } = explored
  const seconds = ((performance.now() - sinceMs) / 1000).toFixed(1)
  const end = isComplete ? 'all of them' : 'as many as there was time for'
  say(`${what}: ${runs} schedules (${end}), ${states} states, ${steps} calls, ${seconds} s`)
  for (const { scenario, schedule, violation } of found) {
    say(`\nBROKEN in "${scenario.name}": ${violation.invariant}: ${violation.why}`)
    say(describeSchedule(schedule))
  }
  return found.length > 0
}

/** Half of what time is left, in equal parts, so that no case keeps the others from their turn. */
async function exploreAll(depth: number): Promise<boolean> {
  const sliceMs = depth === 1 ? Infinity : (endMs - performance.now()) / 2 / scenarios.length
  for (const scenario of scenarios) {
    const sinceMs = performance.now()
    const explored = await exploreOne(scenario, depth, performance.now() + sliceMs)
    if (report(`${scenario.name}, ${depth} deep`, explored, sinceMs)) return true
  }
  return false
}

async function exploreOne(scenario: Scenario, depth: number, until: number): Promise<Explored> {
  const explored = await explore(scenario, { depth, endMs: Math.min(until, endMs), random })
  return { ...explored, found: await Promise.all(explored.found.map(shrink)) }
}

say(`seed ${seed}, ${values.seconds} s`)
let isBroken = false
const maxDepth = Number(values.depth)
for (let depth = 1; depth <= maxDepth && !isBroken; depth += 1) {
  isBroken = await exploreAll(depth)
}
if (!isBroken) {
  const options = { seed, depth: 6, endMs }
  const sinceMs = performance.now()
  isBroken = report(`at random, seed ${seed}`, await exploreAtRandom(scenarios, options), sinceMs)
}
say(`${Math.round((performance.now() - startedMs) / 1000)} s`)
process.exitCode = isBroken ? 1 : 0
