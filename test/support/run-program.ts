import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'

export interface RunningProgram {
  readonly process: ChildProcessByStdio<null, Readable, null>
  /** What it has printed so far, line by line; a line that is not complete yet is left out. */
  lines(): string[]
  /** Its exit code, or the signal that ended it. */
  readonly ended: Promise<number | string>
  /** SIGKILL, and waits until it is gone. */
  kill(): Promise<void>
}

/** Starts a program of test/fixtures/programs in a process of its own. */
export function runProgram(name: string, ...args: string[]): RunningProgram {
  const path = fileURLToPath(new URL(`../fixtures/programs/${name}`, import.meta.url))
  const child = spawn(process.execPath, [path, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
  let printed = ''
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    printed += chunk
  })
  const ended = once(child, 'close').then(([code, signal]) => (code ?? signal) as number | string)
  return {
    process: child,
    lines: () => printed.split('\n').slice(0, -1),
    ended,
    kill: async () => {
      child.kill('SIGKILL')
      await ended
    },
  }
}
