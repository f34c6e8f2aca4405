/**
 * The one reader of what the operating system says about processes: `/proc` on Linux, `ps`
 * elsewhere. A pid alone names nobody for long, because the number is given out again; a pid with
 * its start time does.
 *
 * Reads are synchronous. One takes about 20 µs, and a guard that must kill at once cannot wait.
 */
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, statSync } from 'node:fs'

export interface ProcessIdentity {
  readonly pid: number
  /**
   * When it started: the boot of the machine, and clock ticks since then (Linux). Compared for
   * equality only.
   */
  readonly start: string
}

export interface ProcessRow extends ProcessIdentity {
  readonly parentPid: number
  readonly groupPid: number
  /** Pid of the leader of its session; outside Linux of its process group. */
  readonly sessionPid: number
}

/** Processes read between two pauses: one to two milliseconds. */
const SLICE = 64
const IS_LINUX = process.platform === 'linux'
const PS_TIMEOUT_MS = 5_000
const PS_MAX_BYTES = 16 * 1024 * 1024
const PS_COLUMNS = 'pid=,ppid=,pgid=,stat=,lstart='

/**
 * Every process that runs; nothing of a zombie runs any more. Pauses after each slice.
 *
 * @throws the fault, when `/proc` cannot be read: that is not "no such process"
 */
export function* scanProcesses(): Generator<undefined, ProcessRow[]> {
  if (!IS_LINUX) return listByPs()
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  const rows: ProcessRow[] = []
  for (const [index, pid] of pids.entries()) {
    if (index % SLICE === SLICE - 1) yield
    const row = readProcess(Number(pid))
    if (row !== undefined) rows.push(row)
  }
  return rows
}

/** The process with this pid; undefined when none runs. */
export function readProcess(pid: number): ProcessRow | undefined {
  if (!IS_LINUX) return listByPs(pid)[0]
  const text = readIfThere(`/proc/${pid}/stat`)
  return text === undefined ? undefined : parseProcessStat(text, readBootId())
}

export function isRunning({ pid, start }: ProcessIdentity): boolean {
  return readProcess(pid)?.start === start
}

/** Whether the process can have been started since the machine booted. */
export function isOfThisBoot({ start }: ProcessIdentity): boolean {
  return !IS_LINUX || start.startsWith(`${readBootId()}:`)
}

/**
 * The variables, as `NAME=value`, that a process was started with. None where it is another user's
 * process, where it is just replacing its program, and outside Linux.
 */
export function readEnvironment(pid: number): string[] {
  if (!IS_LINUX) return []
  return (readIfThere(`/proc/${pid}/environ`) ?? '').split('\0')
}

/** Real, effective, saved and file system user of a process (Linux). */
export function readUsers(pid: number): number[] {
  const status = IS_LINUX ? (readIfThere(`/proc/${pid}/status`) ?? '') : ''
  const users = /^Uid:(.*)$/m.exec(status)?.[1]?.trim() ?? ''
  return users === '' ? [] : users.split(/\s+/).map(Number)
}

/** The files that standard output and error of a process go to, as `device:inode` (Linux). */
export function readOutputs(pid: number | 'self'): string[] {
  if (!IS_LINUX) return []
  return [1, 2].flatMap((fd) => {
    try {
      const { dev, ino } = statSync(`/proc/${pid}/fd/${fd}`)
      return [`${dev}:${ino}`]
    } catch {
      return [] // closed, gone, or another user's
    }
  })
}

/**
 * The text of `/proc/<pid>/stat`; undefined for a zombie. The name in parentheses may itself hold
 * spaces and parentheses. Source: proc_pid_stat(5).
 */
export function parseProcessStat(text: string, bootId: string): ProcessRow | undefined {
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  const [state, parentPid, groupPid, sessionPid] = fields
  const startTicks = fields[19]
  if (startTicks === undefined || state === 'Z' || state === 'X') return undefined
  return {
    pid: Number.parseInt(text, 10),
    parentPid: Number(parentPid),
    groupPid: Number(groupPid),
    sessionPid: Number(sessionPid),
    start: `${bootId}:${startTicks}`,
  }
}

let bootId: string | undefined

/** Start times count from the boot of the machine, so the boot is part of them. */
function readBootId(): string {
  bootId ??= readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim()
  return bootId
}

const GONE_OR_FOREIGN = new Set(['ENOENT', 'ESRCH', 'EACCES', 'EPERM'])

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'latin1')
  } catch (error) {
    if (GONE_OR_FOREIGN.has((error as NodeJS.ErrnoException).code ?? '')) return undefined
    throw error
  }
}

/**
 * Processes as `ps` lists them, for systems without `/proc`: all of them, or the one with this pid.
 *
 * @throws when `ps` fails; that it found none with this pid is no failure
 */
export function listByPs(pid?: number): ProcessRow[] {
  const which = pid === undefined ? ['-A'] : ['-p', String(pid)]
  try {
    const options = { encoding: 'utf8', timeout: PS_TIMEOUT_MS, maxBuffer: PS_MAX_BYTES } as const
    return parsePs(execFileSync('ps', [...which, '-o', PS_COLUMNS], options))
  } catch (error) {
    if (pid !== undefined && (error as { status?: number }).status === 1) return []
    throw error
  }
}

function parsePs(text: string): ProcessRow[] {
  return text.split('\n').flatMap((line) => {
    const match = /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(\S+)\s+(.+?)\s*$/.exec(line)
    if (match === null) return []
    const [, pid, parentPid, groupPid, state = '', start = ''] = match
    if (state.startsWith('Z')) return []
    const group = Number(groupPid)
    const ids = { pid: Number(pid), parentPid: Number(parentPid) }
    return [{ ...ids, groupPid: group, sessionPid: group, start }]
  })
}
