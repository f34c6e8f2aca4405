import type { Resources } from '../../../service/service.ts'
import { GPU_MACHINES, type GpuMachine, type GpuModel } from './gpu-machines.ts'

/**
 * GPU families of Alibaba Cloud, the longest names first, and what EC2 has that is nearest.
 *
 * Source: Alibaba Cloud ECS, "GPU-accelerated compute-optimized instance families".
 */
const FAMILIES: readonly (readonly [prefix: string, gpus: readonly GpuModel[]])[] = [
  ['gn8is', ['L40S']], // L20
  ['gn8v', ['H100']], // H20
  ['gn7i', ['A10G']], // A10
  ['gn7s', ['A10G']], // A30
  ['gn7r', ['A10G']], // A16
  ['gn7e', ['A100 80GB']],
  ['gn7v', ['A100 80GB']],
  ['gn7', ['A100 40GB']],
  ['vgn7i', ['A10G']],
  ['gn6i', ['T4']],
  ['vgn6i', ['T4']],
  ['gn6e', ['V100', 'A10G']],
  ['gn6v', ['V100', 'A10G']],
  ['gn5', ['T4']], // P100 and P4, which EC2 has no longer
]

/**
 * The EC2 machine nearest to one of Alibaba Cloud: its kind of GPU or the next better one, then the
 * smallest with as many GPUs and vCPU.
 *
 * @param name `ecs.gn7i-c8g1.2xlarge`; where the name tells no numbers, `resources` does
 */
export function nearestEc2Type(name: string, resources: Resources): GpuMachine | undefined {
  const family = name.replace(/^ecs\.(ebm)?/, '')
  const models = FAMILIES.find(([prefix]) => family.startsWith(prefix))?.[1]
  const needed = readNumbers(name, resources)
  if (models === undefined && needed.gpus === 0) return undefined
  const fits = GPU_MACHINES.filter(({ gpus, cpu }) => gpus >= needed.gpus && cpu >= needed.cpu)
  const sameKind = fits.filter(({ gpu }) => models?.includes(gpu))
  return smallest(sameKind) ?? smallest(fits)
}

/** The name tells vCPU and GPUs as `c8g1`. */
function readNumbers(name: string, resources: Resources): { cpu: number; gpus: number } {
  const [, cpu, gpus] = /-c(\d+)g(\d+)/.exec(name) ?? []
  return { cpu: Number(cpu ?? resources.cpu), gpus: Number(gpus ?? resources.gpu) }
}

function smallest(machines: readonly GpuMachine[]): GpuMachine | undefined {
  return machines.toSorted((one, other) => one.gpus - other.gpus || one.cpu - other.cpu)[0]
}
