import { readProcess } from '../../../lib/processes/read-process.ts'

/** The numbers of all lines `pid <number>`. */
export function pidsIn(text: string): number[] {
  return [...text.matchAll(/^pid (\d+)$/gm)].map((match) => Number(match[1]))
}

/** Whether the process runs; a zombie does not. */
export function isAlive(pid: number): boolean {
  return readProcess(pid) !== undefined
}

/** @throws when there is no such process: 0 would be the group of this one */
export function parentOf(pid: number): number {
  const row = readProcess(pid)
  if (row === undefined) throw new Error(`process ${pid} does not run`)
  return row.parentPid
}
