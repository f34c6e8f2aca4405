/**
 * `npm run cost -- <service.json>`: what the service costs in a month in which nobody uses it, from
 * the template that would be deployed. `--template <file>` prices a template as it stands, such as
 * one in cdk.out. docs/aws.md tells what jobs cost.
 */
import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { readServiceFile } from '../lib/service/read-service-file.ts'
import { formatCost } from './cost/format-cost.ts'
import { priceUsage } from './cost/price-usage.ts'
import { synthesizeService } from './cost/synthesize-service.ts'
import type { Template } from './cost/template.ts'
import { usageAtRest } from './cost/usage-at-rest.ts'

const USAGE = 'usage: npm run cost -- <service.json> [--template <file>]'

function main(): void {
  const options = { template: { type: 'string' } } as const
  const { positionals, values } = parseArgs({ options, allowPositionals: true })
  const [path] = positionals
  if (path === undefined) throw new Error(USAGE)
  const service = readServiceFile(path)
  const template =
    values.template === undefined
      ? synthesizeService({ service })
      : (JSON.parse(readFileSync(values.template, 'utf8')) as Template)
  process.stdout.write(formatCost(priceUsage(usageAtRest({ template, service }))))
}

try {
  main()
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}
