/**
 * Runs each mutant's schedule (of those with these words in their names) over the code as it is and
 * over the mutant; one JSON line each.
 */
import type { RunResult, runScenario } from '../world/run-scenario.ts'
import { runScenario as runClean } from '../world/run-scenario.ts'
import { scenarioNamed } from '../explore/scenarios.ts'
import { countPlaces, loadMutated } from './load-mutant.ts'
import { MUTANTS } from './mutants.ts'

Error.stackTraceLimit = 0

const [, , part = ''] = process.argv

for (const { name, patches, schedule, ...mutant } of MUTANTS) {
  if (!name.includes(part)) continue
  const scenario = scenarioNamed(mutant.scenario)
  const places = countPlaces(patches)
  const clean: RunResult = await runClean(scenario, schedule)
  const path = 'tools/model/world/run-scenario.ts'
  const mutated = await loadMutated<{ runScenario: typeof runScenario }>(path, patches)
  const broken = await mutated.runScenario(scenario, schedule)
  const line = { name, places, clean: clean.violation, broken: broken.violation }
  process.stdout.write(`${JSON.stringify(line)}\n`)
}
