import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { type ProcessIdentity, readProcess } from '../../../processes/read-process.ts'

export interface WorkerCommand {
  readonly file: string
  readonly args: readonly string[]
  /** The whole environment; the supervisor adds its own variables and inherits nothing. */
  readonly env: Readonly<Record<string, string>>
  readonly cwd?: string
}

export interface WorkerProcess {
  /** Undefined when the program could not be started. */
  readonly identity: ProcessIdentity | undefined
  /** Resolves with how it ended: `exit code 1`, `killed by SIGKILL`, `could not be started: …`. */
  readonly ended: Promise<string>
  /** No effect once it has exited. */
  signal(name: 'SIGTERM' | 'SIGKILL'): void
}

/**
 * Starts a worker in a session of its own, so that the terminal's Ctrl-C does not reach it. Its
 * stdin is a pipe that ends when this process does, whatever ends it; a worker must exit then. Its
 * output goes straight to a file, so that the death of a reader cannot block or kill it.
 */
export function spawnWorker(command: WorkerCommand, logFile: string): WorkerProcess {
  let child: ChildProcess
  try {
    child = spawnWithLog(command, logFile)
  } catch (error) {
    return notStarted(error)
  }
  child.stdin?.on('error', () => {}) // nothing is written to it
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(`could not be started: ${error.message}`))
    child.once('exit', (code, signal) => {
      resolve(signal === null ? `exit code ${code}` : `killed by ${signal}`)
    })
  })
  return {
    identity: identify(child.pid),
    ended,
    signal: (name) => {
      child.kill(name)
    },
  }
}

function spawnWithLog({ file, args, env, cwd }: WorkerCommand, logFile: string): ChildProcess {
  const output = openSync(logFile, 'a', 0o600)
  try {
    return spawn(file, args, {
      env: { ...env },
      ...(cwd !== undefined && { cwd }),
      stdio: ['pipe', output, output],
      detached: true,
    })
  } finally {
    closeSync(output)
  }
}

/** A child that exited at once still has its entry until the next turn of the event loop. */
function identify(pid: number | undefined): ProcessIdentity | undefined {
  if (pid === undefined) return undefined
  return { pid, start: readProcess(pid)?.start ?? 'exited' }
}

export function notStarted(error: unknown): WorkerProcess {
  const why = error instanceof Error ? error.message : String(error)
  return {
    identity: undefined,
    ended: Promise.resolve(`could not be started: ${why}`),
    signal: () => {},
  }
}
