/**
 * What the operating system says about processes. A pid alone names nobody for long: the number is
 * given out again. A pid with its start time does.
 */
import { execFile, execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { toStart } from './group-record-line.ts'
import { parseProcessStat } from './process-stat.ts'

export interface ProcessIdentity {
  readonly pid: number
  /** When it started, in the operating system's own words; compared for equality only. */
  readonly start: string
}

export interface ProcessRow extends ProcessIdentity {
  readonly parentPid: number
  /** Pid of the leader of its session; outside Linux of its process group. */
  readonly sessionPid: number
}

const PS_TIMEOUT_MS = 5_000
const PS_MAX_BYTES = 16 * 1024 * 1024
/** Files of /proc open at one time: far below the usual limit of 1,024 descriptors. */
const READS_AT_ONCE = 64

const run = promisify(execFile)

/** Every process that runs (no zombies): nothing of a zombie runs any more. */
export async function listProcesses(): Promise<ProcessRow[]> {
  if (process.platform !== 'linux') return listByPs()
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number)
  const rows = await mapInBatches(pids, async (pid) => {
    const stat = await readOfProcess(pid, 'stat')
    return stat === undefined ? undefined : parseStat(stat.toString('latin1'))
  })
  return rows.filter((row) => row !== undefined)
}

/** The start time of a process that runs, or undefined when there is none with this pid. */
export function readProcessStart(pid: number): string | undefined {
  try {
    if (process.platform === 'linux') {
      return parseStat(readFileSync(`/proc/${pid}/stat`, 'latin1'))?.start
    }
    const args = ['-o', 'stat=,lstart=', '-p', String(pid)]
    const line = execFileSync('ps', args, { encoding: 'utf8', timeout: PS_TIMEOUT_MS }).trim()
    return line.startsWith('Z') ? undefined : line.replace(/^\S+\s+/, '') || undefined
  } catch {
    return undefined
  }
}

export function isRunning({ pid, start }: ProcessIdentity): boolean {
  return readProcessStart(pid) === start
}

/**
 * The value of one variable in the environment that a process was started with; undefined where it
 * has none, where it is another user's process, and outside Linux.
 */
export async function readVariableOf(pid: number, name: string): Promise<string | undefined> {
  if (process.platform !== 'linux') return undefined
  const text = `\0${(await readOfProcess(pid, 'environ'))?.toString('utf8') ?? ''}`
  const at = text.indexOf(`\0${name}=`)
  if (at < 0) return undefined
  const from = at + name.length + 2
  const end = text.indexOf('\0', from)
  return text.slice(from, end < 0 ? undefined : end)
}

/** Runs `work` over all items, a bounded number at a time. */
export async function mapInBatches<T, R>(
  items: readonly T[],
  work: (item: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = []
  for (let from = 0; from < items.length; from += READS_AT_ONCE) {
    results.push(...(await Promise.all(items.slice(from, from + READS_AT_ONCE).map(work))))
  }
  return results
}

/** @throws the fault, when the file is there but cannot be read: that is not "no such process" */
async function readOfProcess(pid: number, file: 'stat' | 'environ'): Promise<Buffer | undefined> {
  try {
    return await readFile(`/proc/${pid}/${file}`)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ESRCH' || code === 'EACCES' || code === 'EPERM') {
      return undefined
    }
    throw error
  }
}

/** Whether a process of this start time can have been started since the machine booted. */
export function isOfThisBoot({ start }: ProcessIdentity): boolean {
  return process.platform !== 'linux' || start.startsWith(toStart(readBootId(), ''))
}

let bootId: string | undefined

/** Start times count from the boot of the machine, so the boot is part of them. */
function readBootId(): string {
  bootId ??= readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim()
  return bootId
}

function parseStat(text: string): ProcessRow | undefined {
  const stat = parseProcessStat(text)
  if (stat === undefined) return undefined
  const { pid, parentPid, sessionPid, startTicks } = stat
  return { pid, parentPid, sessionPid, start: toStart(readBootId(), startTicks) }
}

async function listByPs(): Promise<ProcessRow[]> {
  const { stdout } = await run('ps', ['-A', '-o', 'pid=,ppid=,pgid=,stat=,lstart='], {
    timeout: PS_TIMEOUT_MS,
    maxBuffer: PS_MAX_BYTES,
  })
  return stdout.split('\n').flatMap((line) => {
    const match = /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(\S+)\s+(.+?)\s*$/.exec(line)
    if (match === null) return []
    const [, pid, parentPid, sessionPid, state = '', start = ''] = match
    if (state.startsWith('Z')) return []
    const ids = { pid: Number(pid), parentPid: Number(parentPid), sessionPid: Number(sessionPid) }
    return [{ ...ids, start }]
  })
}
