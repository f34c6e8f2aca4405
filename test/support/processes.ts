import { readFileSync } from 'node:fs'
import { finish } from '../../lib/processes/in-slices.ts'
import { readEnvironment, scanProcesses } from '../../lib/processes/read-process.ts'

/** Ids of the processes of this machine whose environment holds `NAME=value` (Linux). */
export function processesWith(name: string, value: string): number[] {
  return finish(scanProcesses())
    .map(({ pid }) => pid)
    .filter((pid) => readEnvironment(pid).includes(`${name}=${value}`))
}

/** Ids of the worker processes that belong to a task. */
export function workerPids(taskId: string): number[] {
  return processesWith('SCALABLE_JOB_TASK_ID', taskId).filter((pid) => {
    return commandOf(pid).includes('/main.js')
  })
}

/** Ids of the guards that a worker has started. */
export function guardPids(workerPid: number): number[] {
  return finish(scanProcesses())
    .filter(({ pid, parentPid }) => parentPid === workerPid && commandOf(pid).includes('/guard.'))
    .map(({ pid }) => pid)
}

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8')
  } catch {
    return '' // It has gone, or is somebody else's.
  }
}
