import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const TIMEOUT_MS = 3_000
const run = promisify(execFile)

interface Gpu {
  readonly index: string
  readonly uuid: string
}

/**
 * The GPUs of this machine, as values for `CUDA_VISIBLE_DEVICES` (UUIDs: an index means different
 * devices to CUDA and to `nvidia-smi`). Where `CUDA_VISIBLE_DEVICES` is set, only those it names.
 * An empty list when `nvidia-smi` is missing, fails, or takes longer than 3 s.
 */
export async function findGpus(env: NodeJS.ProcessEnv): Promise<string[]> {
  const gpus = await listGpus(env)
  const visible = env['CUDA_VISIBLE_DEVICES']
  if (visible === undefined) return gpus.map(({ uuid }) => uuid)
  return visible
    .split(',')
    .map((name) => name.trim())
    .flatMap((name) => findNamed(gpus, name) ?? [])
}

async function listGpus(env: NodeJS.ProcessEnv): Promise<Gpu[]> {
  const args = ['--query-gpu=index,uuid', '--format=csv,noheader']
  try {
    const options = { env, timeout: TIMEOUT_MS, killSignal: 'SIGKILL' } as const
    const { stdout } = await run('nvidia-smi', args, options)
    return stdout.split('\n').flatMap((line) => {
      const [index, uuid] = line.split(',').map((part) => part.trim())
      return index === undefined || uuid === undefined || uuid === '' ? [] : [{ index, uuid }]
    })
  } catch {
    return []
  }
}

/** `MIG-<uuid>`, or `MIG-GPU-<uuid>/<instance>/<compute instance>` of older drivers. */
const GPU_PART = /^MIG-[\w/-]+$/

/** CUDA takes an index, the beginning of a UUID, or a part of a GPU (which stands for itself). */
function findNamed(gpus: readonly Gpu[], name: string): string | undefined {
  if (GPU_PART.test(name) && gpus.length > 0) return name
  return gpus.find(({ index, uuid }) => {
    return name === index || (name.startsWith('GPU-') && uuid.startsWith(name))
  })?.uuid
}

/**
 * The next free GPU after the one given out last, so that all get the same use; undefined while all
 * are in use.
 */
export function chooseGpu(
  gpus: readonly string[],
  taken: ReadonlySet<string>,
  last: string | undefined,
): string | undefined {
  const turn = last === undefined ? 0 : gpus.indexOf(last) + 1
  return [...gpus.slice(turn), ...gpus.slice(0, turn)].find((gpu) => !taken.has(gpu))
}
