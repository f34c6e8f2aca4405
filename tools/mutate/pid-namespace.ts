import { spawn } from 'node:child_process'
import { readlinkSync } from 'node:fs'

export interface Ran {
  readonly code: number | null
  readonly isTimedOut: boolean
  /** The last of both outputs. */
  readonly output: string
}

export interface RunOptions {
  readonly cwd: string
  readonly env?: NodeJS.ProcessEnv
  readonly timeoutMs: number
}

const REFUSED = 97
const OUTPUT_CHARS = 20_000
/** Runs the rest of its arguments, but only where the namespace is another one than `$1`. */
const CHECKED = `[ "$(readlink /proc/self/ns/pid)" != "$1" ] || exit ${REFUSED}; shift; "$@"; exit $?`

/**
 * Runs a program in a PID namespace of its own: it sees no process but its own, can end none but its
 * own, and all of them end with it. A product with a fault in it must never run elsewhere: one
 * negated condition once made it end every process of the machine.
 *
 * @throws Error where no such namespace can be had: nothing has run then
 */
export async function runInNamespace(
  command: readonly string[],
  { cwd, env = process.env, timeoutMs }: RunOptions,
): Promise<Ran> {
  const asRoot = process.getuid?.() === 0 ? [] : ['--user', '--map-root-user']
  const unshare = ['--pid', '--fork', '--kill-child', '--mount-proc', ...asRoot]
  const checked = ['bash', '-c', CHECKED, 'bash', readlinkSync('/proc/self/ns/pid'), ...command]
  const child = spawn('unshare', [...unshare, ...checked], {
    cwd,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  const add = (chunk: Buffer): void => void (output = (output + chunk).slice(-OUTPUT_CHARS))
  child.stdout.on('data', add)
  child.stderr.on('data', add)
  const end = (): void => void child.kill('SIGKILL')
  let isTimedOut = false
  const timer = setTimeout(() => {
    isTimedOut = true
    end()
  }, timeoutMs)
  process.once('exit', end)
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  }).finally(() => {
    clearTimeout(timer)
    process.off('exit', end)
  })
  if (code === REFUSED || output.startsWith('unshare:')) {
    throw new Error(`No PID namespace of its own, so nothing was run. ${output}`)
  }
  return { code, isTimedOut, output }
}
