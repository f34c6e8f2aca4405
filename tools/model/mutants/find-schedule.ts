/**
 * Looks for the schedule that shows a mutant, for the one who adds it:
 *
 *     node tools/model/mutants/find-schedule.ts "part of its name" [seconds]
 */
import type { explore } from '../explore/explore.ts'
import type { exploreAtRandom } from '../explore/explore-at-random.ts'
import { scenarioNamed } from '../explore/scenarios.ts'
import { loadMutated } from './load-mutant.ts'
import { MUTANTS } from './mutants.ts'

Error.stackTraceLimit = 0
const [, , part = '', seconds = '40'] = process.argv

for (const mutant of MUTANTS.filter(({ name }) => name.includes(part))) {
  const { name, patches, kills } = mutant
  const scenario = scenarioNamed(mutant.scenario)
  const all = await loadMutated<{ explore: typeof explore }>(
    'tools/model/explore/explore.ts',
    patches,
  )
  const endMs = performance.now() + Number(seconds) * 1000
  let { found } = await all.explore(scenario, { depth: 1, endMs })
  if (found.length === 0) {
    const path = 'tools/model/explore/explore-at-random.ts'
    const random = await loadMutated<{ exploreAtRandom: typeof exploreAtRandom }>(path, patches)
    const randomEndMs = performance.now() + Number(seconds) * 1000
    const options = { seed: 1, depth: 4, endMs: randomEndMs }
    const explored = await random.exploreAtRandom([scenario], options)
    found = explored.found
  }
  const shown = found.map(({ schedule, violation }) => ({ schedule, ...violation }))
  process.stdout.write(`${name} (${kills}): ${JSON.stringify(shown, undefined, 1)}\n`)
}
