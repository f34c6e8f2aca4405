import type { Service } from '../../lib/service/service.ts'
import { workerHourUsd } from '../../lib/cdk/monitoring/worker-hour-usd.ts'
import { FREE_TYPES } from './free-types.ts'
import { scalerAtRest } from './scaler-at-rest.ts'
import { listOf, referredId, type Resource } from './template.ts'
import { machinesOf, tasksOf } from './standing-machines.ts'
import { HOURS_PER_MONTH, type Usage, type UsageContext } from './usage.ts'

type Rule = (resource: Resource, context: UsageContext) => Usage[]

const each = (meter: Usage['meter'], what: string): Rule => {
  return () => [{ meter, amount: 1, what }]
}

const RULES: Readonly<Record<string, Rule>> = {
  'AWS::Events::Rule': scheduledFunctions,
  'AWS::SecretsManager::Secret': each('secretMonth', 'tokens of the API, login of a registry'),
  'AWS::KMS::Key': each('kmsKeyMonth', 'key of the alarm topic'),
  'AWS::CloudWatch::Dashboard': each('dashboardMonth', 'dashboard'),
  'AWS::CloudWatch::Alarm': alarm,
  'AWS::EC2::NatGateway': () => [{ meter: 'natGatewayHour', amount: HOURS_PER_MONTH, what: 'NAT' }],
  'AWS::EC2::EIP': () => publicAddresses(1, 'fixed address'),
  'AWS::EC2::VPCEndpoint': endpoint,
  'AWS::ElasticLoadBalancingV2::LoadBalancer': loadBalancer,
  'AWS::ECS::TaskDefinition': imageAsset,
  'AWS::ECS::Service': tasksOf,
  'AWS::AutoScaling::AutoScalingGroup': machinesOf,
}

/**
 * All that a month without any job uses, from the template alone, and the workers that
 * `autoscaler.min` keeps.
 *
 * @throws Error for a type of resource whose cost is not known here: nothing is left out in silence
 */
export function usageAtRest(context: UsageContext): Usage[] {
  const usages = Object.entries(context.template.Resources).flatMap(([id, resource]) => {
    if (FREE_TYPES.has(resource.Type)) return []
    const rule = RULES[resource.Type]
    if (rule) return rule(resource, context)
    throw new Error(`what ${resource.Type} (${id}) costs is not known: add it to scripts/cost`)
  })
  return [...usages, ...keptWorkers(context.service)]
}

/** The only function that runs at rest is the one that a schedule starts. */
function scheduledFunctions(rule: Resource, { template, service }: UsageContext): Usage[] {
  const schedule = rule.Properties?.['ScheduleExpression']
  if (schedule === undefined) return []
  if (schedule !== 'rate(1 minute)')
    throw new Error(`what runs at ${JSON.stringify(schedule)} is not known`)
  return listOf(rule, 'Targets').flatMap((target) => {
    const id = referredId((target as { Arn?: unknown }).Arn) ?? ''
    const memoryMib = template.Resources[id]?.Properties?.['MemorySize']
    if (typeof memoryMib !== 'number') throw new Error(`${id} is not a function with a memory size`)
    return scalerAtRest(service, memoryMib)
  })
}

/** Billed by the metrics that an alarm reads. */
function alarm(resource: Resource): Usage[] {
  const read = listOf(resource, 'Metrics').filter((query) => {
    return (query as { MetricStat?: unknown }).MetricStat !== undefined
  })
  return [{ meter: 'alarmMetricMonth', amount: Math.max(read.length, 1), what: 'alarms' }]
}

function endpoint(resource: Resource): Usage[] {
  if (resource.Properties?.['VpcEndpointType'] === 'Gateway') return []
  const zones = Math.max(listOf(resource, 'SubnetIds').length, 1)
  return [{ meter: 'endpointHour', amount: zones * HOURS_PER_MONTH, what: 'interface endpoint' }]
}

function loadBalancer(resource: Resource): Usage[] {
  const isPublic = resource.Properties?.['Scheme'] === 'internet-facing'
  const zones = listOf(resource, 'Subnets').length
  return [
    { meter: 'loadBalancerHour', amount: HOURS_PER_MONTH, what: 'front end: load balancer' },
    ...(isPublic ? publicAddresses(zones, 'front end: load balancer') : []),
  ]
}

function publicAddresses(count: number, what: string): Usage[] {
  return [{ meter: 'publicIpv4Hour', amount: count * HOURS_PER_MONTH, what }]
}

/** Node and the worker, compressed. */
const WORKER_IMAGE_GB = 0.1

function imageAsset(resource: Resource): Usage[] {
  const built = listOf(resource, 'ContainerDefinitions').filter((container) => {
    return JSON.stringify(container).includes('container-assets')
  })
  if (built.length === 0) return []
  return [{ meter: 'registryGbMonth', amount: WORKER_IMAGE_GB, what: 'image with the worker' }]
}

/** @throws Error where the list does not know the machine of a worker that is kept */
function keptWorkers(service: Service): Usage[] {
  const { min } = service.scaling
  if (min === 0) return []
  const unitUsd = workerHourUsd(service)
  if (unitUsd === undefined) throw new Error('the price of the machine of a worker is not listed')
  const what = `autoscaler.min keeps ${min} ${min === 1 ? 'worker' : 'workers'}`
  return [{ meter: 'workerHour', amount: min * HOURS_PER_MONTH, what, unitUsd }]
}
