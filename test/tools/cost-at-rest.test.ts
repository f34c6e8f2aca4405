import { execFile } from 'node:child_process'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { look } from '../../lib/scaler/look/look.ts'
import { formatCost } from '../../tools/cost/format-cost.ts'
import { priceUsage } from '../../tools/cost/price-usage.ts'
import type { Resource } from '../../tools/cost/template.ts'
import { METRICS_AT_REST } from '../../tools/cost/scaler-at-rest.ts'
import { usageAtRest } from '../../tools/cost/usage-at-rest.ts'
import { LOOK_SECONDS, openScaler } from '../scaler/a-scaler.ts'
import { aService, aServiceJson } from '../support/a-service.ts'

const ROOT = resolve(import.meta.dirname, '../..')
const QUIET = { autoscaler: { min: 0 }, scalable_job: {} }

test('a scaler costs its memory for the time between the first and the last look of each minute', () => {
  const cost = costOf(aScaler())
  const [line] = cost.lines.filter(({ meter }) => meter === 'lambdaGbSecond')
  expect(line?.amount).toBe(43_800 * 51 * 0.125)
  expect(line?.listUsd).toBeCloseTo(3.72, 2)
  expect(line?.usd, 'within what every account gets').toBe(0)
})

test('the metrics that are priced are those that a quiet scaler sends', async () => {
  const scaler = openScaler({ min: 0 })
  for (let count = 0; count < 20; count += 1) {
    await look(scaler.deps, 'clock')
    await scaler.clock.advance(LOOK_SECONDS * 1000)
  }
  const { samples } = scaler.metrics
  expect([...new Set(samples.map(({ name }) => name))].toSorted()).toEqual(METRICS_AT_REST)
  const reports = samples.filter(({ name }) => name === 'WorkersWanted').length
  expect(reports, 'once a minute in about three minutes').toBeLessThanOrEqual(5)
  await scaler.close()
})

test('what AWS gives an account is given once, however many resources use it', () => {
  const alarms = Object.fromEntries(
    Array.from({ length: 12 }, (_, index) => [`Alarm${index}`, { Type: 'AWS::CloudWatch::Alarm' }]),
  )
  const cost = costOf({ ...alarms })
  expect(cost.listUsd).toBeCloseTo(1.2)
  expect(cost.usd).toBeCloseTo(0.2)
})

test('an alarm over a sum of two metrics is billed as two', () => {
  const Metrics = [{ Expression: 'a - b' }, { MetricStat: {} }, { MetricStat: {} }]
  const cost = costOf({ Sum: { Type: 'AWS::CloudWatch::Alarm', Properties: { Metrics } } })
  expect(cost.listUsd).toBeCloseTo(0.2)
})

test('a NAT gateway, a load balancer and interface endpoints are the largest lines', () => {
  const cost = costOf({
    ...aScaler(),
    Nat: { Type: 'AWS::EC2::NatGateway' },
    Balancer: {
      Type: 'AWS::ElasticLoadBalancingV2::LoadBalancer',
      Properties: { Scheme: 'internet-facing', Subnets: ['a', 'b'] },
    },
    Endpoint: {
      Type: 'AWS::EC2::VPCEndpoint',
      Properties: { VpcEndpointType: 'Interface', SubnetIds: ['a', 'b'] },
    },
    Gateway: { Type: 'AWS::EC2::VPCEndpoint', Properties: { VpcEndpointType: 'Gateway' } },
  })
  expect(cost.lines.slice(0, 4).map(({ meter, usd }) => [meter, usd.toFixed(2)])).toEqual([
    ['natGatewayHour', '32.85'],
    ['loadBalancerHour', '16.43'],
    ['endpointHour', '14.60'],
    ['publicIpv4Hour', '7.30'],
  ])
})

test('tasks that stand by the template are priced; workers, which begin at none, are not', () => {
  const Task = {
    Type: 'AWS::ECS::TaskDefinition',
    Properties: { Cpu: '2048', Memory: '8192', RequiresCompatibilities: ['FARGATE'] },
  }
  const service = (DesiredCount: number): Resource => ({
    Type: 'AWS::ECS::Service',
    Properties: { DesiredCount, TaskDefinition: { Ref: 'Task' } },
  })
  expect(costOf({ Task, Workers: service(0) }).usd).toBe(0)
  const { usd, lines } = costOf({ Task, FrontEnd: service(1) })
  expect(usd).toBeCloseTo(730 * (2 * 0.04048 + 8 * 0.004445))
  expect(lines[0]?.what).toBe('front end: 2 vCPU, 8192 MiB')
})

test('workers that autoscaler.min keeps are a line of their own', () => {
  const metadata = { name: 'kept', type: 'ScalableJob', gpu: 1 }
  const cloud = { computing: { instance_type: 'g5.xlarge' } }
  const service = aService({}, { metadata, cloud, autoscaler: { min: 2 } })
  const { lines } = priceUsage(usageAtRest({ service, template: { Resources: {} } }))
  expect(lines.map(({ what, usd }) => [what, usd.toFixed(2)])).toEqual([
    ['autoscaler.min keeps 2 workers', '1468.76'],
  ])
})

test('a resource whose cost is not known is an error, never nothing', () => {
  expect(() => costOf({ Big: { Type: 'AWS::Redshift::Cluster' } })).toThrow(
    'what AWS::Redshift::Cluster (Big) costs is not known',
  )
})

test('the page names the largest line and where the prices come from', () => {
  const page = formatCost(costOf({ ...aScaler(), Secret: { Type: 'AWS::SecretsManager::Secret' } }))
  expect(page).toContain('Largest to pay: tokens of the API')
  expect(page).toContain('us-east-1')
  expect(page).toContain('as remembered')
})

test('npm run cost prices a template as it stands, and says what it cannot read', async () => {
  const service = join(ROOT, 'examples/inference/service.json')
  const template = join(ROOT, 'test/snapshots/inference.template.json')
  const { stdout } = await runCost([service, '--template', template])
  expect(stdout).toMatch(/^total +\d+\.\d\d +\d\.\d\d$/m)
  await expect(runCost([])).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/^usage: npm run cost/) as string,
  })
  const missing = join(ROOT, 'none.json')
  await expect(runCost([missing])).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringContaining('none.json cannot be read') as string,
  })
})

function runCost(args: readonly string[]) {
  const script = join(ROOT, 'tools/cost-at-rest.ts')
  return promisify(execFile)(process.execPath, [script, ...args], { timeout: 30_000 })
}

function costOf(Resources: Readonly<Record<string, Resource>>) {
  const service = aService({}, { ...aServiceJson(), ...QUIET })
  return priceUsage(usageAtRest({ template: { Resources }, service }))
}

function aScaler(): Record<string, Resource> {
  return {
    Scaler: { Type: 'AWS::Lambda::Function', Properties: { MemorySize: 128 } },
    EachMinute: {
      Type: 'AWS::Events::Rule',
      Properties: {
        ScheduleExpression: 'rate(1 minute)',
        Targets: [{ Arn: { 'Fn::GetAtt': ['Scaler', 'Arn'] } }],
      },
    },
  }
}
