/** EC2 machines with NVIDIA GPUs that one worker may have for itself. Source: EC2 instance type pages. */
export interface GpuMachine {
  readonly type: string
  readonly gpu: GpuModel
  readonly gpus: number
  readonly cpu: number
  readonly memoryGib: number
}

export type GpuModel = 'T4' | 'A10G' | 'L4' | 'L40S' | 'V100' | 'A100 40GB' | 'A100 80GB' | 'H100'

/** [size, GPUs, vCPU, GiB] */
type Size = readonly [size: string, gpus: number, cpu: number, memoryGib: number]

const SMALL_SIZES: readonly Size[] = [
  ['xlarge', 1, 4, 16],
  ['2xlarge', 1, 8, 32],
  ['4xlarge', 1, 16, 64],
  ['8xlarge', 1, 32, 128],
  ['16xlarge', 1, 64, 256],
  ['12xlarge', 4, 48, 192],
]
const LARGE_SIZES: readonly Size[] = [
  ['24xlarge', 4, 96, 384],
  ['48xlarge', 8, 192, 768],
]
const doubled = (sizes: readonly Size[]): Size[] =>
  sizes.map(([size, gpus, cpu, memoryGib]) => [size, gpus, cpu, 2 * memoryGib])

/** From the least to the most that a GPU costs. */
export const GPU_MACHINES: readonly GpuMachine[] = [
  ...family('g4dn', 'T4', [...SMALL_SIZES, ['metal', 8, 96, 384]]),
  ...family('g6', 'L4', [...SMALL_SIZES, ...LARGE_SIZES]),
  ...family('g5', 'A10G', [...SMALL_SIZES, ...LARGE_SIZES]),
  ...family('g6e', 'L40S', doubled([...SMALL_SIZES, ...LARGE_SIZES])),
  ...family('p3dn', 'V100', [['24xlarge', 8, 96, 768]]),
  ...family('p4d', 'A100 40GB', [['24xlarge', 8, 96, 1152]]),
  ...family('p4de', 'A100 80GB', [['24xlarge', 8, 96, 1152]]),
  ...family('p5', 'H100', [
    ['4xlarge', 1, 16, 256],
    ['48xlarge', 8, 192, 2048],
  ]),
]

/** Nothing where this list does not know the machine. */
export function findGpuMachine(type: string): GpuMachine | undefined {
  return GPU_MACHINES.find((machine) => machine.type === type)
}

function family(name: string, gpu: GpuModel, sizes: readonly Size[]): GpuMachine[] {
  return sizes.map(([size, gpus, cpu, memoryGib]) => ({
    type: `${name}.${size}`,
    gpu,
    gpus,
    cpu,
    memoryGib,
  }))
}
