import { readdirSync, readFileSync } from 'node:fs'

/** Ids of the processes of this machine whose environment holds `NAME=value` (Linux). */
export function processesWith(name: string, value: string): number[] {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry) && environmentOf(entry).includes(`${name}=${value}`))
    .map(Number)
}

function environmentOf(pid: string): string[] {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0')
  } catch {
    return [] // It has gone, or is somebody else's.
  }
}

/** Ids of the worker processes that belong to a task. */
export function workerPids(taskId: string): number[] {
  return processesWith('SCALABLE_JOB_TASK_ID', taskId).filter((pid) => {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('worker/main.ts')
  })
}
