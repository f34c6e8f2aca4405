import { readdirSync, readFileSync } from 'node:fs'

const PROGRAMS = { '/main.js': 'a worker', '/guard.js': 'a guard' }

/** Processes of the workers of one state folder, and of their guards (Linux). */
export function findWorkers(stateDir: string): [name: string, pid: number][] {
  const found: [string, number][] = []
  for (const pid of readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))) {
    const program = Object.entries(PROGRAMS).find(([path]) => read(pid, 'cmdline').includes(path))
    const isOurs = read(pid, 'environ').includes(stateDir) || program?.[1] === 'a guard'
    if (program !== undefined && isOurs) found.push([program[1], Number(pid)])
  }
  return found
}

function read(pid: string, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8')
  } catch {
    return '' // It has gone.
  }
}
