import { fstatSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { type ProcessStat, parseProcessStat } from './process-stat.ts'
import { MARK_ENV } from './guard-protocol.ts'

/** A process group that a guard started, and the mark that its processes carry. */
export interface Group {
  /** 0 while no process has been started; the mark alone counts then. */
  readonly pgid: number
  readonly mark: string
  /** The user that only the group runs as, where it has one of its own. */
  readonly uid?: number
}

/**
 * The living processes of a group: those in it and in the session that it leads, those that carry
 * its mark, those that run as its user, those that hold its output, whatever any of these started,
 * and whatever was found to belong to it before. Zombies do not count: where the container's first
 * process reaps nobody, they would stay for ever.
 *
 * Out of sight is only what dropped its environment, left the session, gave up the output, and lost
 * every parent between two looks. Linux only (`/proc`); elsewhere the group alone is asked.
 */
export class GroupMembers {
  readonly group: Group
  readonly #outputs: ReadonlySet<string>
  /** Pid → start time: once a member, always a member. */
  #known = new Map<number, string>()

  /** `outputs`: file descriptors of this process that nobody but the group writes to. */
  constructor(group: Group, outputs: readonly number[] = []) {
    this.group = group
    this.#outputs = new Set(outputs.flatMap((fd) => identifyFile(() => fstatSync(fd)) ?? []))
  }

  /** Pids of all that can be told to belong to the group. */
  find(): number[] {
    const { pgid, mark } = this.group
    const seesAll = process.platform === 'linux'
    if (!seesAll) return pgid > 0 && sendReady(-pgid, 0) ? [pgid] : []
    return this.#look(({ pid }) => carriesMark(pid, mark) || this.#holdsOutput(pid)).map(toPid)
  }

  /** These belong to it as well. */
  remember(members: readonly Pick<ProcessStat, 'pid' | 'startTicks'>[]): void {
    for (const { pid, startTicks } of members) this.#known.set(pid, startTicks)
  }

  /** A cheaper look that goes by families alone; answers those outside of the session. */
  follow(): ProcessStat[] {
    if (process.platform !== 'linux') return []
    return this.#look(() => false).filter(({ sessionPid }) => sessionPid !== this.group.pgid)
  }

  /** Sends the signal to the group and to those that left it. */
  signal(signal: NodeJS.Signals): void {
    const { pgid } = this.group
    if (pgid > 0) sendReady(-pgid, signal)
    for (const pid of this.find()) {
      // The group had it already; twice would cut short a handler that takes its time.
      if (pgid === 0 || readStat(pid)?.groupPid !== pgid) sendReady(pid, signal)
    }
  }

  #look(isMarked: (stat: ProcessStat) => boolean): ProcessStat[] {
    const stats = listProcesses()
    const members = stats.filter((stat) => this.#belongs(stat) || isMarked(stat))
    const found = new Set(members.map(toPid))
    for (let before = -1; before !== found.size;) {
      before = found.size
      for (const { pid, parentPid } of stats) if (found.has(parentPid)) found.add(pid)
    }
    const all = stats.filter(({ pid }) => found.has(pid))
    this.#known = new Map(all.map(({ pid, startTicks }) => [pid, startTicks]))
    return all
  }

  #belongs({ pid, groupPid, sessionPid, startTicks }: ProcessStat): boolean {
    const { pgid } = this.group
    // Group and session 0 are those of the kernel's own threads.
    if (pgid > 0 && (groupPid === pgid || sessionPid === pgid)) return true
    return this.#known.get(pid) === startTicks || isUser(pid, this.group.uid)
  }

  #holdsOutput(pid: number): boolean {
    if (this.#outputs.size === 0) return false
    return [1, 2].some((fd) => {
      const file = identifyFile(() => statSync(`/proc/${pid}/fd/${fd}`))
      return file !== undefined && this.#outputs.has(file)
    })
  }
}

function listProcesses(): ProcessStat[] {
  return readdirSync('/proc').flatMap((name) => {
    const isOther = /^\d+$/.test(name) && Number(name) !== process.pid
    return (isOther && readStat(Number(name))) || []
  })
}

function toPid({ pid }: ProcessStat): number {
  return pid
}

export function readStat(pid: number): ProcessStat | undefined {
  const text = readProcFile(`/proc/${pid}/stat`)
  return text === undefined ? undefined : parseProcessStat(text)
}

/** Also when it has given itself more rights, and nobody may read its environment any more. */
function isUser(pid: number, uid: number | undefined): boolean {
  if (uid === undefined) return false
  const users = /^Uid:(.*)$/m.exec(readProcFile(`/proc/${pid}/status`) ?? '')?.[1] ?? ''
  return users.trim().split(/\s+/).map(Number).includes(uid)
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

function identifyFile(look: () => { dev: number; ino: number }): string | undefined {
  try {
    const { dev, ino } = look()
    return `${dev}:${ino}`
  } catch {
    return undefined
  }
}

/** Whether there was somebody to send it to. */
function sendReady(target: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(target, signal)
    return true
  } catch (error) {
    // EPERM: it is there, but changed its user; only its own container's end can stop it.
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
