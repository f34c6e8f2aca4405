import { readdirSync, readFileSync } from 'node:fs'

/** Ids of the processes of this machine whose environment holds `NAME=value` (Linux). */
export function processesWith(name: string, value: string): number[] {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry) && environmentOf(entry).includes(`${name}=${value}`))
    .map(Number)
}

function environmentOf(pid: string): string[] {
  return read(`/proc/${pid}/environ`).split('\0')
}

/** Ids of the worker processes that belong to a task. */
export function workerPids(taskId: string): number[] {
  return processesWith('SCALABLE_JOB_TASK_ID', taskId).filter((pid) => {
    return commandOf(pid).includes('/main.js')
  })
}

/** Ids of the guards that a worker has started. */
export function guardPids(workerPid: number): number[] {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .map(Number)
    .filter((pid) => parentOf(pid) === workerPid && commandOf(pid).includes('/guard.'))
}

function parentOf(pid: number): number {
  return Number(/PPid:\s+(\d+)/.exec(read(`/proc/${pid}/status`))?.[1])
}

function commandOf(pid: number): string {
  return read(`/proc/${pid}/cmdline`)
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return '' // It has gone, or is somebody else's.
  }
}
