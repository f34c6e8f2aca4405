import prices from '../../lib/cdk/monitoring/machine-prices.json' with { type: 'json' }
import { fargateHourUsd } from '../../lib/cdk/monitoring/worker-hour-usd.ts'
import { referredId, type Resource } from './template.ts'
import { HOURS_PER_MONTH, type Usage, type UsageContext } from './usage.ts'

const MACHINE_HOUR_USD: Readonly<Record<string, number | undefined>> = prices.machineHourUsd
const CPU_UNITS = 1024

/** Tasks that a service keeps by its template. Workers are none of them: the scaler starts those. */
export function tasksOf(service: Resource, { template }: UsageContext): Usage[] {
  const count = Number(service.Properties?.['DesiredCount'] ?? 1)
  if (count === 0) return []
  const definition = template.Resources[referredId(service.Properties?.['TaskDefinition']) ?? '']
  const { Cpu, Memory, RequiresCompatibilities } = definition?.Properties ?? {}
  const isFargate = JSON.stringify(RequiresCompatibilities ?? []).includes('FARGATE')
  if (!isFargate) return [] // its machine is counted
  const size = { cpu: Number(Cpu) / CPU_UNITS, memoryMib: Number(Memory) }
  const amount = count * HOURS_PER_MONTH
  const what = `front end: ${size.cpu} vCPU, ${size.memoryMib} MiB`
  const address = JSON.stringify(service.Properties).includes('"AssignPublicIp":"ENABLED"')
  return [
    { meter: 'taskHour', amount, what, unitUsd: fargateHourUsd(size, 'front_end') },
    ...(address ? [{ meter: 'publicIpv4Hour', amount, what: 'front end: task' } as const] : []),
  ]
}

/** Machines that a group keeps by its template. */
export function machinesOf(group: Resource, { template }: UsageContext): Usage[] {
  const count = Number(group.Properties?.['MinSize'] ?? 0)
  if (count === 0) return []
  const { LaunchTemplate } = group.Properties as { LaunchTemplate?: { LaunchTemplateId?: unknown } }
  const launch = template.Resources[referredId(LaunchTemplate?.LaunchTemplateId) ?? '']
  const data = launch?.Properties?.['LaunchTemplateData'] as { InstanceType?: string } | undefined
  const type = data?.InstanceType ?? 'unknown'
  const unitUsd = MACHINE_HOUR_USD[type]
  if (unitUsd === undefined) throw new Error(`the price of ${type} is not listed`)
  const amount = count * HOURS_PER_MONTH
  return [{ meter: 'machineHour', amount, what: `kept machine ${type}`, unitUsd }]
}
