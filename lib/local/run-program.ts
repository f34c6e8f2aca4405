import { spawn } from 'node:child_process'
import process from 'node:process'

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/**
 * Runs a program as if it were this process: its output, its signals, its exit code.
 *
 * @throws Error when it cannot be started
 */
export function runProgram(file: string, args: readonly string[]): Promise<number> {
  const child = spawn(file, args, { stdio: 'inherit' })
  for (const signal of SIGNALS) {
    process.on(signal, () => {
      // A terminal gives Ctrl-C to both, and a second one may mean something else.
      if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal)
    })
  }
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code) => resolve(code ?? 1))
  })
}
