import { readdirSync, readFileSync } from 'node:fs'
import { MARK_ENV } from './guard-protocol.ts'

/** A process group that a guard started, and the mark that its processes carry. */
export interface Group {
  /** 0 while no process has been started; the mark alone counts then. */
  readonly pgid: number
  readonly mark: string
}

/**
 * Living processes of a group, and those that left it but carry its mark. Zombies do not count:
 * where the container's first process reaps nobody, they would stay for ever.
 *
 * Linux only (`/proc`); elsewhere the group alone is asked, and processes that left it are not seen.
 */
export function findMembers(group: Group): number[] {
  const pids = listProcesses()
  if (pids === undefined) return group.pgid > 0 && sendSignal(-group.pgid, 0) ? [group.pgid] : []
  return pids.filter((pid) => pid !== process.pid && isMember(pid, group))
}

/** Sends the signal to the group and to those that left it. */
export function signalMembers(group: Group, signal: NodeJS.Signals): void {
  const { pgid } = group
  if (pgid > 0) sendSignal(-pgid, signal)
  for (const pid of findMembers(group)) {
    // The group had it already; twice would cut short a handler that takes its time.
    if (pgid === 0 || readStat(pid)?.pgid !== pgid) sendSignal(pid, signal)
  }
}

function listProcesses(): number[] | undefined {
  if (process.platform !== 'linux') return undefined
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
}

function isMember(pid: number, { pgid, mark }: Group): boolean {
  const stat = readStat(pid)
  if (stat === undefined || stat.state === 'Z' || stat.state === 'X') return false
  // Group 0 is that of the kernel's own threads.
  return (pgid > 0 && stat.pgid === pgid) || carriesMark(pid, mark)
}

/** Fields of `/proc/<pid>/stat`; the name in brackets may itself hold spaces and brackets. */
function readStat(pid: number): { state: string; pgid: number } | undefined {
  const text = readProcFile(`/proc/${pid}/stat`)
  if (text === undefined) return undefined
  const [state, , pgid] = text.slice(text.lastIndexOf(')') + 2).split(' ')
  return { state: state ?? 'X', pgid: Number(pgid) }
}

function carriesMark(pid: number, mark: string): boolean {
  const environment = readProcFile(`/proc/${pid}/environ`)
  return environment?.split('\0').includes(`${MARK_ENV}=${mark}`) === true
}

function readProcFile(path: string): string | undefined {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    return undefined // ended meanwhile, or another user's
  }
}

/** Whether there was somebody to send it to. */
function sendSignal(target: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(target, signal)
    return true
  } catch (error) {
    // EPERM: it is there, but changed its user; only its own container's end can stop it.
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
