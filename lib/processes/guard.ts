/**
 * The guard: a small process between a worker and one process group. It starts the command, kills
 * the whole group when it must end, and says when nothing of it runs any more.
 *
 * Why no library does this: execa and its like end a process tree only while their own process
 * lives, and the guard must outlive a worker that is killed. `setsid` with a death signal from the
 * kernel (`PR_SET_PDEATHSIG`) reaches one process, is lost with a change of user, and knows neither
 * beats nor processes that left the group.
 *
 * Life cycle: wait for `run` → started → (beat)* → the group ends → `gone` is reported → exit 0.
 *
 * Invariants:
 * - The worker's end of the pipe closes (the worker died): SIGKILL to the group at once.
 * - No beat by the deadline (the worker hangs or is stopped): SIGKILL to the group at once.
 * - The first reason for the end wins.
 * - Nothing of the command runs before its process is on record (`group-record.ts`).
 * - `gone` is said only once no process of the group, nor one that left it, is alive.
 *
 * Signals of a terminal or of a fleet do not end it: it is a session of its own and ignores them,
 * so that the worker decides in which order things stop.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { writeSync } from 'node:fs'
import { createInterface } from 'node:readline'
import type { Writable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { monotonicMs } from '../pace/monotonic.ts'
import { endGroup } from './end-group.ts'
import { GroupRecord } from './group-record.ts'
import {
  type EndCause,
  type GuardOrder,
  type GuardReport,
  LEFTOVER_GRACE_MS,
  MARK_ENV,
  REPORT_FD,
  type RunOrder,
} from './guard-protocol.ts'
import { finish } from './in-slices.ts'
import { ProcessGroup } from './process-group.ts'
import { readOutputs, readProcess } from './read-process.ts'

const FIRST_POLL_MS = 20
const MAX_POLL_MS = 500
const MAX_FOLLOW_MS = 500
/**
 * Waits for a line on file descriptor 3 and then becomes the command. No line comes from a guard
 * that died before it could record the process.
 */
const WAIT_THEN_RUN = 'read -r SCALABLE_JOB_GO <&3 && unset SCALABLE_JOB_GO && exec 3<&- "$@"'

let group: ProcessGroup | undefined
let record = new GroupRecord(undefined)
let cause: EndCause | undefined
let exited: { exitCode: number | null; signal: string | null } | undefined
let hadLeftovers = false
let killAtMs = Infinity
let leaseTimer: NodeJS.Timeout | undefined
let killTimer: NodeJS.Timeout | undefined

for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT', 'SIGPIPE'] as const) {
  process.on(signal, () => undefined)
}
// A guard that fails must not leave the group behind.
process.on('uncaughtException', () => {
  if (group !== undefined) finish(group.kill())
  process.exit(70)
})

const lines = createInterface({ input: process.stdin })
lines.on('line', (line) => follow(JSON.parse(line) as GuardOrder))
lines.on('close', loseWorker)

function follow(order: GuardOrder): void {
  switch (order.do) {
    case 'run':
      run(order)
      return
    case 'beat':
      watchLease(order.leaseUntilMs)
      return
    case 'stop':
      stop('stop', order.graceMs)
  }
}

function run(order: RunOrder): void {
  const { mark, recordFile, user, leaseUntilMs } = order
  if (monotonicMs() >= leaseUntilMs) return refuseStart()
  let child: ChildProcess
  try {
    child = spawnWaiting(order)
  } catch (error) {
    return failStart(String(error)) // too long an environment, a NUL in it, a path that is not a folder
  }
  const { pid } = child
  if (pid === undefined) {
    child.once('error', (error) => failStart(error.message))
    return
  }
  const leader = { pid, start: readProcess(pid)?.start ?? 'unknown' }
  const variable = `${MARK_ENV}=${mark}`
  const outputs = readOutputs('self')
  group = new ProcessGroup({ variable, leaders: [leader], uid: user?.uid, outputs })
  record = new GroupRecord(recordFile)
  try {
    record.addLeader(leader)
  } catch (error) {
    report({ is: 'guard-failed', message: `its processes cannot be recorded: ${String(error)}` })
    process.exit(0) // the process that waits for its line ends without one
  }
  const go = child.stdio[3] as Writable
  go.on('error', () => undefined) // it has ended; `exit` tells
  go.end('go\n')
  report({ is: 'started', ...leader })
  child.once('exit', (exitCode, signal) => {
    exited = { exitCode, signal }
    void awaitGroup(group!)
  })
  watchLease(leaseUntilMs)
  if (process.platform === 'linux') followGroup(pid)
}

function spawnWaiting({ file, args, cwd, env, mark, user }: RunOrder): ChildProcess {
  return spawn('/bin/sh', ['-c', WAIT_THEN_RUN, 'sh', file, ...args], {
    cwd,
    env: { ...env, [MARK_ENV]: mark },
    ...user, // and no other group: Node drops those of the guard
    detached: true, // a session and a process group of its own
    stdio: ['ignore', 'inherit', 'inherit', 'pipe'],
  })
}

/** While the command runs: records processes that left its session, as long as their parents show it. */
function followGroup(leaderPid: number, pollMs = FIRST_POLL_MS): void {
  if (group === undefined || exited !== undefined) return
  try {
    const family = finish(group.look({ byFamily: true }))
    record.add(family.filter(({ sessionPid }) => sessionPid !== leaderPid))
  } catch {
    // A full disk: this guard knows them all the same.
  }
  setTimeout(() => followGroup(leaderPid, Math.min(pollMs * 1.5, MAX_FOLLOW_MS)), pollMs)
}

/** The worker was slow to get here: another one may run the job by now. */
function refuseStart(): void {
  report({ is: 'gone', cause: 'lease', exitCode: null, signal: null, hadLeftovers: false })
  process.exit(0)
}

function failStart(message: string): void {
  report({ is: 'start-failed', message })
  process.exit(0)
}

function watchLease(leaseUntilMs: number): void {
  clearTimeout(leaseTimer)
  // A timer of Node counts at most 2^31 ms.
  const waitMs = Math.min(Math.max(leaseUntilMs - monotonicMs(), 0), 2 ** 31 - 1)
  leaseTimer = setTimeout(() => stop('lease', 0), waitMs)
}

function loseWorker(): void {
  if (group === undefined) process.exit(0)
  stop('worker-gone', 0)
}

/** The whole group: SIGTERM now and SIGKILL after the grace, or SIGKILL at once. */
function stop(why: EndCause, graceMs: number): void {
  if (group === undefined) return
  cause ??= why
  const atMs = monotonicMs() + graceMs
  if (atMs >= killAtMs) return // a sharper order stands
  killAtMs = atMs
  clearTimeout(killTimer)
  const stopped = group
  if (graceMs <= 0) {
    finish(stopped.kill())
    return
  }
  stopped.signal('SIGTERM')
  killTimer = setTimeout(() => finish(stopped.kill()), graceMs)
}

/** The command itself has ended: the rest of the group goes too, then the end is reported. */
async function awaitGroup(ended: ProcessGroup): Promise<void> {
  await endGroup(ended, {
    // At each look: a process may have joined since.
    mayKill: () => cause !== undefined && monotonicMs() >= killAtMs,
    emptyLooks: 1,
    firstPollMs: FIRST_POLL_MS,
    maxPollMs: MAX_POLL_MS,
    sleep,
    pace: 'at-once',
    onLeft: () => {
      if (cause !== undefined) return
      hadLeftovers = true
      stop('exit', LEFTOVER_GRACE_MS)
    },
  })
  reportGone()
}

function reportGone(): void {
  record.remove()
  const { exitCode, signal } = exited ?? { exitCode: null, signal: null }
  report({ is: 'gone', cause: cause ?? 'exit', exitCode, signal, hadLeftovers })
  process.exit(0)
}

function report(what: GuardReport): void {
  try {
    writeSync(REPORT_FD, `${JSON.stringify(what)}\n`)
  } catch {
    // The worker is gone; the group is ended all the same.
  }
}
