import { type GroupMark, GroupProof } from './group-proof.ts'
import { finish } from './in-slices.ts'
import {
  isOfThisBoot,
  type ProcessIdentity,
  type ProcessRow,
  readEnvironment,
  readOutputs,
  readUsers,
  scanProcesses,
} from './read-process.ts'
import { sendSignal, sendToGroup } from './send-signal.ts'

/** Looks until no process is left that could start another; far more than it takes. */
const MAX_FREEZES = 50
/** Environments read between two pauses. */
const SLICE = 64

/**
 * The living processes of a group: its leaders and their sessions, those that carry its mark in
 * their environment, run as its user, or hold its output, whatever any of these started or leads,
 * and whatever belonged to it before. This process itself is never one of them.
 *
 * We miss a process only if, between two looks, it cleared its environment, left the session, closed
 * the output and lost all its parents; outside Linux, if it left the leader's process group.
 */
export class ProcessGroup {
  #mark: GroupMark
  readonly #proof = new GroupProof(() => this.#mark)
  #rows: readonly ProcessRow[] = []
  #unproven: readonly ProcessRow[] = []

  constructor(mark: GroupMark) {
    this.#mark = mark
  }

  /** These belong to the group as well, with the sessions that they lead. */
  addLeaders(leaders: readonly ProcessIdentity[]): void {
    const known = new Set(this.#mark.leaders.map(nameOf))
    const fresh = leaders.filter((leader) => !known.has(nameOf(leader)))
    if (fresh.length > 0) this.#mark = { ...this.#mark, leaders: [...this.#mark.leaders, ...fresh] }
  }

  /**
   * What the last look found without proof, and left alone: something just replaced its program, or
   * finding and proving do not agree.
   */
  get unproven(): readonly ProcessRow[] {
    return this.#unproven
  }

  /** @throws when the processes of the machine cannot be read */
  find(): ProcessRow[] {
    return finish(this.look())
  }

  /** `byFamily`: a cheaper look that reads no environment, user or output. */
  *look({ byFamily = false } = {}): Generator<undefined, ProcessRow[]> {
    const rows = (yield* scanProcesses()).filter(({ pid }) => pid !== process.pid)
    const belongs = this.#makeTest(rows)
    const found = new Set<number>()
    for (const [index, row] of rows.entries()) {
      if (index % SLICE === SLICE - 1) yield
      if (belongs(row) || (!byFamily && this.#isMarked(row.pid))) found.add(row.pid)
    }
    addFollowers(found, rows)
    const nominees = rows.filter(({ pid }) => found.has(pid))
    this.#rows = rows
    const members = this.#proof.prove(nominees, rows)
    this.#unproven = nominees.filter((row) => !this.#proof.isProven(row))
    return members
  }

  /** Sends the signal once to each process of the group. */
  signal(signal: NodeJS.Signals): void {
    this.#send(this.find(), signal)
  }

  /**
   * Freezes the processes and then kills them: while parents die one by one, a child born meanwhile
   * would be nobody's, and could not be told from others any more. Answers what it killed.
   */
  *kill(): Generator<undefined, ProcessRow[]> {
    const frozen = new Set<string>()
    let left = yield* this.look({ byFamily: true })
    for (let round = 0; round < MAX_FREEZES; round += 1) {
      const fresh = left.filter((row) => !frozen.has(nameOf(row)))
      // The first look knows families only.
      if (fresh.length === 0 && round > 0) break
      for (const row of fresh) frozen.add(nameOf(row))
      this.#send(fresh, 'SIGSTOP')
      left = yield* this.look()
    }
    this.#send(left, 'SIGKILL')
    return left
  }

  /** By process groups, where a whole one belongs to it; the others one by one. */
  #send(members: readonly ProcessRow[], signal: NodeJS.Signals): void {
    for (const groupPid of new Set(members.map((row) => row.groupPid))) {
      const whole = this.#rows.filter((row) => row.groupPid === groupPid)
      if (sendToGroup(whole, signal, this.#proof)) continue
      for (const row of members) {
        if (row.groupPid === groupPid) sendSignal(row, signal, this.#proof)
      }
    }
  }

  #makeTest(rows: readonly ProcessRow[]): (row: ProcessRow) => boolean {
    const starts = new Map(rows.map(({ pid, start }) => [pid, start]))
    const leaders = this.#mark.leaders.filter((leader) => {
      // A number that still names a session is not given out again: with another start, it is gone.
      return isOfThisBoot(leader) && (starts.get(leader.pid) ?? leader.start) === leader.start
    })
    const sessions = new Set(leaders.map(({ pid }) => pid))
    return (row) => {
      return sessions.has(row.sessionPid) || sessions.has(row.pid) || this.#proof.isProven(row)
    }
  }

  /** A process that gave itself more rights, so that nobody reads its environment, has its user. */
  #isMarked(pid: number): boolean {
    const { variable, uid, outputs } = this.#mark
    if (readEnvironment(pid).some((entry) => entry === variable)) return true
    if (outputs !== undefined && readOutputs(pid).some((file) => outputs.includes(file)))
      return true
    return uid !== undefined && readUsers(pid).some((user) => user === uid)
  }
}

/** Children of what was found, and members of sessions that it leads, over any number of steps. */
function addFollowers(found: Set<number>, rows: readonly ProcessRow[]): void {
  for (let before = -1; before !== found.size;) {
    before = found.size
    for (const { pid, parentPid, sessionPid } of rows) {
      if (found.has(parentPid) || found.has(sessionPid)) found.add(pid)
    }
  }
}

function nameOf({ pid, start }: ProcessIdentity): string {
  return `${pid} ${start}`
}
