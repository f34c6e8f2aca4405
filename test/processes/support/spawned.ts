import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { waitFor } from '../../support/wait-for.ts'
import { finish } from '../../../lib/processes/in-slices.ts'
import {
  type ProcessIdentity,
  type ProcessRow,
  readProcess,
  scanProcesses,
} from '../../../lib/processes/read-process.ts'

/** Processes that one test started; nothing else of the machine is ever touched. */
export class Spawned {
  readonly #children: ChildProcess[] = []

  /** A shell that leads a session of its own; it has run all but its last line once it is here. */
  async shell(script: string, env: Record<string, string> = {}): Promise<ProcessRow> {
    const child = spawn('/bin/sh', ['-c', `${script}\necho ready\nexec sleep 600`], {
      detached: true,
      stdio: ['ignore', 'pipe', 'ignore'],
      env: { PATH: process.env['PATH'] ?? '', ...env },
    })
    if (child.pid === undefined) throw new Error('no shell could be started')
    this.#children.push(child)
    await once(child.stdout, 'data')
    const { pid } = child
    // While a process replaces its program, it shows no environment.
    await waitFor('the last line', () => {
      return readFileSync(`/proc/${pid}/cmdline`, 'latin1').startsWith('sleep')
    })
    return rowOf(pid)
  }

  /** Ends them with all that is in their groups. */
  endAll(): Promise<void> {
    return this.#end((pid) => process.kill(-pid, 'SIGKILL'))
  }

  /** Ends the leaders alone. */
  endLeaders(): Promise<void> {
    return this.#end((pid) => process.kill(pid, 'SIGKILL'))
  }

  async #end(kill: (pid: number) => void): Promise<void> {
    for (const child of this.#children.splice(0)) {
      // Not waited for yet, so the number is still this child's.
      if (child.exitCode !== null || child.signalCode !== null) continue
      const exited = once(child, 'exit')
      try {
        kill(child.pid ?? 0)
      } catch {
        // It has ended, and its end is about to be told.
      }
      await exited
    }
  }
}

export function rowOf(pid: number): ProcessRow {
  const row = readProcess(pid)
  if (row === undefined) throw new Error(`process ${pid} does not run`)
  return row
}

export function allProcesses(): ProcessRow[] {
  return finish(scanProcesses())
}

export function pidsOf(processes: readonly ProcessIdentity[]): number[] {
  return processes.map(({ pid }) => pid).toSorted((one, other) => one - other)
}
