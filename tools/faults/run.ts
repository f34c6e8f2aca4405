/**
 * `npm run faults`: the fault campaigns and their scorecard. Options: `--short`, `--jobs`, `--minutes`,
 * `--seed`, `--only embedded|aws` (else both, one after the other), `--write`, `--keep`. Exit code 1
 * when a gate fails.
 */
import { runAwsCampaign } from './aws/run-aws-campaign.ts'
import { runEmbeddedCampaign } from './campaign.ts'
import { keepReports } from './keep-reports.ts'
import { readOptions } from './options.ts'
import type { Report } from './report.ts'
import { renderReport } from './scorecard.ts'

const options = readOptions(process.argv.slice(2))
const print = (text: string): boolean => process.stdout.write(`${text}\n`)
const say = (line: string): void => void print(`${new Date().toISOString()} ${line}`)
const { only, seed, form } = options
say(`seed ${seed}, ${form} form`)
const reports: Report[] = []
if (only !== 'aws') reports.push(await runEmbeddedCampaign(options, say))
if (only !== 'embedded') reports.push(await runAwsCampaign({ ...options, say }))
for (const report of reports) print(renderReport(report))
if (options.write) keepReports(reports)
const failed = reports.filter(({ verdicts }) => verdicts.some(({ passed }) => !passed))
for (const { title, again } of failed) print(`${title}: a gate failed. Again: ${again}`)
process.exit(failed.length > 0 ? 1 : 0)
