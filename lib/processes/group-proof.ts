import {
  isOfThisBoot,
  type ProcessIdentity,
  type ProcessRow,
  readEnvironment,
  readOutputs,
  readUsers,
} from './read-process.ts'

/** How the processes of one command, or of one worker with all that it runs, are known. */
export interface GroupMark {
  /** `NAME=value`: in the environment of each process that has not dropped it. */
  readonly variable: string
  /** Processes that belong to it for certain, and whose sessions do: the first one, and recorded ones. */
  readonly leaders: readonly ProcessIdentity[]
  /** The user that only the group runs as, where it has one of its own. */
  readonly uid?: number | undefined
  /** Files, as `device:inode`, that nobody but the group writes to. */
  readonly outputs?: readonly string[]
}

/**
 * Proves, a second time and on its own, that a process which was found for a group does belong to
 * it. No signal goes to a process without this proof. `ProcessGroup` decides the same in the other
 * direction, from the table downwards; this goes from the process upwards. The two share no
 * condition on purpose: a mistake in one of them alone ends no process of somebody else.
 */
export class GroupProof {
  readonly #mark: () => GroupMark
  #proven = new Map<number, string>()

  /** @param mark asked anew each time: leaders are added */
  constructor(mark: () => GroupMark) {
    this.#mark = mark
  }

  /**
   * Those of the nominees that belong to the group. They stay proven while they run, even if they drop
   * their environment or lose their parents; those that are not nominated now are forgotten.
   *
   * @param rows the table of processes in which the nominees were found
   */
  prove(nominees: readonly ProcessRow[], rows: readonly ProcessRow[]): ProcessRow[] {
    const table = new Map(rows.map((row) => [row.pid, row]))
    const members = nominees.filter((row) => this.#reachesGroup(row, table))
    this.#proven = new Map(members.map(({ pid, start }) => [pid, start]))
    return members
  }

  isProven({ pid, start }: ProcessIdentity): boolean {
    return this.#proven.get(pid) === start
  }

  /** Itself, a parent at some distance, or the leader of its session gives proof. */
  #reachesGroup(row: ProcessRow, table: ReadonlyMap<number, ProcessRow>): boolean {
    const seen = new Set<number>()
    const open: (ProcessRow | undefined)[] = [row]
    while (open.length > 0) {
      const next = open.pop()
      if (next === undefined || next.pid <= 1 || next.pid === process.pid) continue
      if (seen.has(next.pid)) continue
      seen.add(next.pid)
      if (this.isProven(next) || this.#givesProof(next, table)) return true
      open.push(table.get(next.parentPid), table.get(next.sessionPid))
    }
    return false
  }

  #givesProof(row: ProcessRow, table: ReadonlyMap<number, ProcessRow>): boolean {
    const { variable, leaders, uid, outputs = [] } = this.#mark()
    for (const leader of leaders) {
      if (leader.pid <= 1 || !isOfThisBoot(leader)) continue
      const current = table.get(leader.pid)?.start
      // Another process has that pid by now, so the session is gone too.
      if (current !== undefined && current !== leader.start) continue
      if (row.pid === leader.pid || row.sessionPid === leader.pid) return true
    }
    const environment = `\0${readEnvironment(row.pid).join('\0')}\0`
    if (environment.includes(`\0${variable}\0`)) return true
    if (outputs.some((file) => readOutputs(row.pid).includes(file))) return true
    return uid !== undefined && uid > 0 && readUsers(row.pid).includes(uid)
  }
}
