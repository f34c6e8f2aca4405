import type { Resources, Service } from '../../service/service.ts'
import { fargateSizeFor } from '../fleet/machines/fargate-size.ts'
import { GPU_MACHINES } from '../fleet/machines/gpu-machines.ts'
import prices from './machine-prices.json' with { type: 'json' }

const MACHINE_HOUR_USD: Readonly<Record<string, number | undefined>> = prices.machineHourUsd
const CPU_UNITS = 1024
const MIB_PER_GIB = 1024

/**
 * The list price of one worker for an hour, where it is known: that of its machine, which it has for
 * itself, or of Fargate for a worker without a GPU. On demand: a Spot machine costs less. Without
 * disk, public address, traffic, and the fee of ECS Managed Instances.
 */
export function workerHourUsd({ resources, cloud }: Service): number | undefined {
  if (resources.gpu === 0) return fargateHourUsd(resources, 'metadata')
  const type = cloud.instanceTypes[0]?.type ?? cheapestTypeFor(resources)
  return type === undefined ? undefined : MACHINE_HOUR_USD[type]
}

/**
 * The list price of a task on Fargate (Linux, x86) for an hour, in the size that Fargate has.
 *
 * @param path the key of service.json that asks for it, for the message
 * @throws ServiceError `invalid-service-config` when Fargate has nothing so large
 */
export function fargateHourUsd(
  needed: { readonly cpu: number; readonly memoryMib: number },
  path: string,
): number {
  const { cpuUnits, memoryMib } = fargateSizeFor(needed, path)
  const { fargateVcpuHourUsd, fargateGibHourUsd } = prices
  return (cpuUnits / CPU_UNITS) * fargateVcpuHourUsd + (memoryMib / MIB_PER_GIB) * fargateGibHourUsd
}

/** What ECS Managed Instances take where service.json names no machine: the cheapest that fits. */
function cheapestTypeFor({ gpu, cpu, memoryMib }: Resources): string | undefined {
  const priceOf = (type: string): number => MACHINE_HOUR_USD[type] ?? Infinity
  return GPU_MACHINES.filter((machine) => {
    const fits = machine.gpus >= gpu && machine.cpu >= cpu
    return fits && machine.memoryGib * MIB_PER_GIB > memoryMib && priceOf(machine.type) < Infinity
  })
    .map(({ type }) => type)
    .sort((one, other) => priceOf(one) - priceOf(other))[0]
}
