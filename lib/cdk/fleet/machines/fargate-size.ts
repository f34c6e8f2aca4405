import { ServiceError } from '../../../registry/errors.ts'

/** A size that Fargate has. */
export interface FargateSize {
  /** 1024 to a vCPU. */
  readonly cpuUnits: number
  readonly memoryMib: number
}

/** Source: Amazon ECS Developer Guide, "Task size" for Fargate. MiB: least, most, step. */
const SIZES: readonly (readonly [cpuUnits: number, least: number, most: number, step: number])[] = [
  [256, 512, 2048, 512],
  [512, 1024, 4096, 1024],
  [1024, 2048, 8192, 1024],
  [2048, 4096, 16_384, 1024],
  [4096, 8192, 30_720, 1024],
  [8192, 16_384, 61_440, 4096],
  [16_384, 32_768, 122_880, 8192],
]

/**
 * The smallest size with at least this much.
 *
 * @param path the key that asks for it, for the message
 * @throws ServiceError `invalid-service-config` when Fargate has nothing so large
 */
export function fargateSizeFor(
  needed: { readonly cpu: number; readonly memoryMib: number },
  path: string,
): FargateSize {
  for (const [cpuUnits, least, most, step] of SIZES) {
    if (cpuUnits < needed.cpu * 1024 || most < needed.memoryMib) continue
    const memoryMib = least + Math.ceil(Math.max(needed.memoryMib - least, 0) / step) * step
    return { cpuUnits, memoryMib }
  }
  const got = `${needed.cpu} vCPU with ${needed.memoryMib} MiB`
  const allowed = 'up to 16 vCPU and 122,880 MiB; workers may take the capacity managed-instances'
  const problem = 'is more than Fargate has'
  throw new ServiceError('invalid-service-config', `${path} ${problem}: got ${got}`, {
    details: [{ path, problem, got, allowed }],
  })
}
