import { type ChildProcess, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { endGroup } from './end-group.ts'
import { GroupRecord } from './group-record.ts'
import {
  type GoneReport,
  type GuardOrder,
  type GuardReport,
  MARK_ENV,
  type RunOrder,
} from './guard-protocol.ts'
import { closeWriteEnds, makePipes, type Pipe } from './make-pipes.ts'
import { ProcessGroup } from './process-group.ts'
import type { ProcessIdentity } from './read-process.ts'

const isBundled = !import.meta.url.endsWith('.ts')

/** The guard's program: beside `main.js` in a bundle, beside this file in the sources. */
const GUARD_PROGRAM = new URL(isBundled ? './guard.js' : './guard.ts', import.meta.url)

type RunSpec = Omit<RunOrder, 'do' | 'mark' | 'recordFile'>

/** How a guarded group ended. */
export type GuardEnd =
  | GoneReport
  | { readonly is: 'start-failed'; readonly message: string }
  /** The guard itself failed or was killed; nothing of the group is left either. */
  | { readonly is: 'guard-died'; readonly message: string }

/** One guard process: it runs one command and then ends. */
export interface Guard {
  readonly stdout: Readable
  readonly stderr: Readable
  /** Resolves with the group's pid, or with nothing when the command could not be started. */
  readonly started: Promise<number | undefined>
  /** Resolves once nothing of the group runs any more; never rejects. */
  readonly ended: Promise<GuardEnd>
  run(spec: RunSpec): void
  /** Until when the group may live, on the machine's monotonic clock. */
  beat(leaseUntilMs: number): void
  stop(graceMs: number): void
  /** Lets an unused guard go, or kills at once what it runs: the pipe is closed. */
  close(): void
}

// A guard needs few megabytes of its own; the heap must not grow with the days.
const GUARD_FLAGS = ['--no-warnings', '--max-old-space-size=32', '--max-semi-space-size=1']
/** Between looks at a group whose guard has died. */
const FIRST_POLL_MS = 20
const MAX_POLL_MS = 200

/**
 * Starts a guard that waits for its command.
 *
 * @param groupDir where the guard records what it started; absent where nobody reads it
 */
export async function startGuard(groupDir?: string): Promise<Guard> {
  const pipes = await makePipes()
  const child = spawnGuard(pipes)
  if (pipes !== undefined) closeWriteEnds(pipes)
  const stdout = pipes?.[0].readable ?? child.stdout
  const stderr = pipes?.[1].readable ?? child.stderr
  if (stdout === null || stderr === null) throw new Error('the guard has no output pipes')
  return new GuardProcess(child, { stdout, stderr, groupDir })
}

function spawnGuard(pipes: readonly [Pipe, Pipe] | undefined): ChildProcess {
  return spawn(process.execPath, [...GUARD_FLAGS, fileURLToPath(GUARD_PROGRAM)], {
    // It gets nothing of the worker's environment, because a job can read the guard's.
    env: {},
    detached: true,
    stdio: ['pipe', pipes?.[0].writeFd ?? 'pipe', pipes?.[1].writeFd ?? 'pipe', 'pipe'],
  })
}

class GuardProcess implements Guard {
  readonly stdout: Readable
  readonly stderr: Readable
  readonly #child: ChildProcess
  readonly #mark = randomUUID()
  readonly #recordFile: string | undefined
  readonly #started = Promise.withResolvers<number | undefined>()
  readonly #ended = Promise.withResolvers<GuardEnd>()
  #leader: ProcessIdentity | undefined
  #uid: number | undefined
  #isUsed = false
  #hasReported = false

  constructor(
    child: ChildProcess,
    how: { stdout: Readable; stderr: Readable; groupDir: string | undefined },
  ) {
    this.#child = child
    this.stdout = how.stdout
    this.stderr = how.stderr
    this.#recordFile = how.groupDir && join(how.groupDir, this.#mark)
    readReports(child, (report) => this.#note(report))
    child.stdin?.on('error', () => undefined) // EPIPE: `close` tells the rest
    child.once('error', (error) => void this.#endWithoutGuard(error.message))
    child.once('close', (code, signal) => {
      if (!this.#hasReported) void this.#endWithoutGuard(`its guard ended with ${signal ?? code}`)
    })
  }

  get started(): Promise<number | undefined> {
    return this.#started.promise
  }

  get ended(): Promise<GuardEnd> {
    return this.#ended.promise
  }

  run(spec: RunSpec): void {
    this.#isUsed = true
    this.#uid = spec.user?.uid
    const recordFile = this.#recordFile
    this.#send({ do: 'run', mark: this.#mark, ...(recordFile && { recordFile }), ...spec })
  }

  beat(leaseUntilMs: number): void {
    this.#send({ do: 'beat', leaseUntilMs })
  }

  stop(graceMs: number): void {
    this.#send({ do: 'stop', graceMs })
  }

  close(): void {
    this.#child.stdin?.end()
    if (this.#isUsed) return // what was written may still be read
    this.stdout.destroy()
    this.stderr.destroy()
  }

  #send(order: GuardOrder): void {
    const { stdin } = this.#child
    if (stdin?.writable === true) stdin.write(`${JSON.stringify(order)}\n`)
  }

  #note(report: GuardReport): void {
    if (report.is === 'started') {
      this.#leader = { pid: report.pid, start: report.start }
      this.#started.resolve(report.pid)
      return
    }
    this.#hasReported = true
    if (report.is === 'guard-failed') {
      void this.#endWithoutGuard(report.message)
      return
    }
    this.#started.resolve(undefined)
    this.#ended.resolve(report)
  }

  async #endWithoutGuard(message: string): Promise<void> {
    const variable = `${MARK_ENV}=${this.#mark}`
    const group = new ProcessGroup({ variable, leaders: [], uid: this.#uid })
    const record = new GroupRecord(this.#recordFile)
    group.addLeaders([...(this.#leader === undefined ? [] : [this.#leader]), ...record.read()])
    await killGroup(group)
    record.remove()
    this.#started.resolve(undefined)
    this.#ended.resolve({ is: 'guard-died', message })
  }
}

async function killGroup(group: ProcessGroup): Promise<void> {
  await endGroup(group, {
    mayKill: () => true,
    emptyLooks: 1,
    firstPollMs: FIRST_POLL_MS,
    maxPollMs: MAX_POLL_MS,
    sleep,
    pace: 'in-slices',
  })
}

function readReports(child: ChildProcess, take: (report: GuardReport) => void): void {
  const reports = child.stdio[3]
  if (reports === null || reports === undefined) return
  createInterface({ input: reports as Readable }).on('line', (line) => {
    take(JSON.parse(line) as GuardReport)
  })
}
