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
