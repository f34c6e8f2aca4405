import { readFileSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import packageJson from '../../package.json' with { type: 'json' }
import { readServiceFile } from '../../lib/service/read-service-file.ts'
import { formatCost } from '../../tools/cost/format-cost.ts'
import { type Cost, priceUsage } from '../../tools/cost/price-usage.ts'
import type { Template } from '../../tools/cost/template.ts'
import { usageAtRest } from '../../tools/cost/usage-at-rest.ts'
import {
  EXAMPLE_NAMES,
  normalize,
  serviceFile,
  snapshotFile,
  synthesizeExample,
} from './example-templates.ts'
import { hasCfnLint, runCfnLint } from './run-cfn-lint.ts'

const SYNTH_MS = 120_000
const MAX_USD_AT_REST = 5
const AWS_PAGE = resolve(import.meta.dirname, '../../docs/aws.md')
const SHOWN_COST = /<!-- cost -->.*<!-- \/cost -->/s
/** `UPDATE_SNAPSHOTS=1 npx vitest run test/cdk/examples.test.ts` keeps what is made now. */
const isUpdate = process.env['UPDATE_SNAPSHOTS'] !== undefined

describe.each(EXAMPLE_NAMES)('the example %s', (name) => {
  const service = readServiceFile(serviceFile(name))
  let template: Template

  beforeAll(async () => {
    template = await synthesizeExample(name)
    if (isUpdate) writeFileSync(snapshotFile(name), normalize(template, packageJson.version))
  }, SYNTH_MS)

  test('becomes the template that was reviewed', () => {
    const kept = readFileSync(snapshotFile(name), 'utf8')
    expect(JSON.parse(normalize(template, packageJson.version))).toEqual(JSON.parse(kept))
  })

  test('starts no machine and no worker by being deployed', () => {
    const ofType = (type: string) =>
      Object.entries(template.Resources).filter(([, { Type }]) => Type === type)
    const workers = ofType('AWS::ECS::Service').filter(([id]) => /Side[AB]/.test(id))
    expect(workers).toHaveLength(2)
    for (const [, { Properties }] of workers) expect(Properties?.['DesiredCount']).toBe(0)
    for (const [, { Properties }] of ofType('AWS::AutoScaling::AutoScalingGroup')) {
      expect(Properties).toMatchObject({ MinSize: '0' })
      expect(Properties).not.toHaveProperty('DesiredCapacity')
    }
  })

  test.skipIf(service.frontEnd !== undefined)('costs at most 5 dollars a month at rest', () => {
    const cost = priceUsage(usageAtRest({ template, service }))
    expect(withoutKeptWorkers(cost)).toBeLessThanOrEqual(MAX_USD_AT_REST)
  })

  test.skipIf(name !== 'inference')('costs what docs/aws.md shows', () => {
    const page = readFileSync(AWS_PAGE, 'utf8')
    const shown = formatCost(priceUsage(usageAtRest({ template, service })))
    const next = page.replace(
      SHOWN_COST,
      `<!-- cost -->\n\n\`\`\`text\n${shown}\`\`\`\n\n<!-- /cost -->`,
    )
    if (isUpdate) writeFileSync(AWS_PAGE, next)
    expect(readFileSync(AWS_PAGE, 'utf8')).toBe(next)
  })

  test.skipIf(service.frontEnd === undefined)('costs little at rest beside its front end', () => {
    const { lines, usd } = priceUsage(usageAtRest({ template, service }))
    const isFront = ({ what }: { what: string }) => what.startsWith('front end')
    const front = lines.filter(isFront).reduce((sum, line) => sum + line.usd, 0)
    expect(front).toBeGreaterThan(50)
    expect(usd - front).toBeLessThanOrEqual(MAX_USD_AT_REST)
  })
})

/** What `autoscaler.min` keeps is the owner's choice; the page names it as a line of its own. */
function withoutKeptWorkers({ lines }: Cost): number {
  return lines.filter(({ meter }) => meter !== 'workerHour').reduce((sum, { usd }) => sum + usd, 0)
}

test('no example keeps a worker while nothing waits', () => {
  const keeping = EXAMPLE_NAMES.filter((name) => {
    return readServiceFile(serviceFile(name)).scaling.min > 0
  })
  expect(keeping).toEqual([])
})

/** Findings that are meant to be as they are. */
const IGNORED: Readonly<Record<string, string>> = {
  W3005:
    'CDK writes a role beside the policies that a function has to wait for, and the fleet names all that its services need: said twice, which changes nothing',
}

test.skipIf(!hasCfnLint)(
  'cfn-lint has nothing to say about any of the templates',
  async () => {
    const findings = await runCfnLint(EXAMPLE_NAMES.map(snapshotFile))
    const said = findings
      .filter(({ Rule }) => IGNORED[Rule.Id] === undefined)
      .map(({ Filename, Rule, Message, Location }) => {
        return `${Filename} ${Rule.Id} ${Location.Path?.join('/') ?? ''}: ${Message}`
      })
    expect(said).toEqual([])
  },
  SYNTH_MS,
)
