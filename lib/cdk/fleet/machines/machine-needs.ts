import type { InstanceChoice, Resources } from '../../../service/service.ts'

/** Of the EC2 and ECS calls that choose machines by what they have, in the shape that both share. */
export interface MachineNeeds {
  readonly vCpuCount: { readonly min: number }
  readonly memoryMiB: { readonly min: number }
  readonly cpuManufacturers: string[]
  readonly acceleratorTypes?: string[]
  readonly acceleratorManufacturers?: string[]
  readonly acceleratorCount?: { readonly min: number; readonly max: number }
  readonly allowedInstanceTypes?: string[]
}

/**
 * What a machine must have for one worker. Machines that were named are taken as they are; the
 * others have exactly the GPUs of one worker, so that no GPU idles beside a busy one. The worker's
 * program is for x86.
 */
export function machineNeeds(
  resources: Resources,
  machines: readonly InstanceChoice[],
): MachineNeeds {
  const cpuManufacturers = ['amd', 'intel']
  if (machines.length > 0) {
    const allowedInstanceTypes = machines.map(({ type }) => type)
    return { vCpuCount: { min: 1 }, memoryMiB: { min: 1 }, cpuManufacturers, allowedInstanceTypes }
  }
  const { gpu, cpu, memoryMib } = resources
  return {
    vCpuCount: { min: Math.ceil(cpu) },
    memoryMiB: { min: memoryMib },
    cpuManufacturers,
    ...(gpu > 0 && {
      acceleratorTypes: ['gpu'],
      acceleratorManufacturers: ['nvidia'],
      acceleratorCount: { min: gpu, max: gpu },
    }),
  }
}

/** Nine tenths of `memoryMib`. */
export function reservedMemoryMib({ memoryMib }: Resources): number {
  // A machine registers less than its nominal memory: a worker that asks for all of it never fits.
  return Math.floor(memoryMib * 0.9)
}
