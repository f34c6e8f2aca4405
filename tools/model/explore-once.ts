/** What every test run explores, checks again, and runs twice: one JSON line for each case. */
import { explore } from './explore/explore.ts'
import { SCENARIOS, scenarioNamed } from './explore/scenarios.ts'
import { runScenario } from './world/run-scenario.ts'
import { describeSchedule } from './world/schedule.ts'
import { REGRESSIONS } from './regressions.ts'

Error.stackTraceLimit = 0

function say(line: object): void {
  process.stdout.write(`${JSON.stringify(line)}\n`)
}

for (const name of process.argv.slice(2)) {
  const { found, ...counts } = await explore(scenarioNamed(name), { depth: 1 })
  const broken = found.map(({ schedule, violation }) => ({
    schedule: describeSchedule(schedule),
    ...violation,
  }))
  say({ name, ...counts, broken })
}
/** Exploring means nothing where the same schedule may go in two ways. */
for (const scenario of SCENARIOS) {
  const [one, other] = [await runScenario(scenario, []), await runScenario(scenario, [])]
  const at = one.steps.findIndex(({ id }, index) => id !== other.steps[index]?.id)
  const difference = { at: one.steps[at]?.id, instead: other.steps[at]?.id }
  const broken = [...(at < 0 ? [] : [difference]), ...(one.violation ? [one.violation] : [])]
  say({ name: `twice: ${scenario.name}`, steps: one.steps.length, broken })
}
for (const { name, scenario, schedule } of REGRESSIONS) {
  const { violation, steps } = await runScenario(scenarioNamed(scenario), schedule)
  say({ name, steps: steps.length, broken: violation === undefined ? [] : [violation] })
}
