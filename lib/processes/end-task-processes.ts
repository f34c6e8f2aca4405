import type { Clock } from '../ports/clock.ts'
import type { Log } from '../ports/log.ts'
import { findTaskProcesses, type TaskMark } from './find-task-processes.ts'
import { isRunning, type ProcessIdentity } from './process-table.ts'

export interface EndDeps {
  readonly clock: Clock
  readonly log: Log
  /** How long the processes get to go by themselves. */
  readonly patienceMs: number
  /** Gives up. */
  readonly signal: AbortSignal
}

const POLL_MS = 50
const WARN_AFTER_MS = 10_000
/**
 * A process that is just replacing its program shows no environment for a moment, and one that
 * forks and exits may slip through a single look.
 */
const EMPTY_LOOKS = 2

/** Looks until no process of the task is left that could start another; far more than it takes. */
const MAX_FREEZES = 50

/**
 * Ends what is left of a task whose worker has exited: waits for its processes to go, then kills
 * them until none is left. Answers `true` only when nothing of the task runs on this machine, and
 * `false` when it was told to give up before (a process that hangs in the kernel cannot be killed).
 */
export async function endTaskProcesses(mark: TaskMark, deps: EndDeps): Promise<boolean> {
  const { clock, log, patienceMs, signal } = deps
  const startMs = clock.monotonicMs()
  let warnAtMs = patienceMs + WARN_AFTER_MS
  let known: readonly ProcessIdentity[] = []
  for (let emptyLooks = 0; emptyLooks < EMPTY_LOOKS;) {
    const waitedMs = clock.monotonicMs() - startMs
    const left = await look(() => {
      return waitedMs < patienceMs ? findTaskProcesses(mark, known) : killAll(mark, known)
    }, log)
    emptyLooks = left?.length === 0 ? emptyLooks + 1 : 0
    known = left ?? known
    if (waitedMs >= warnAtMs) {
      warnAtMs += WARN_AFTER_MS
      const pids = known.map(({ pid }) => pid)
      log.warn('processes of a stopped task do not go', { taskId: mark.taskId, pids })
    }
    if (signal.aborted) return false
    if (emptyLooks < EMPTY_LOOKS) await clock.sleep(POLL_MS, signal)
  }
  return true
}

async function look(
  find: () => Promise<ProcessIdentity[]>,
  log: Log,
): Promise<ProcessIdentity[] | undefined> {
  try {
    return await find()
  } catch (error) {
    log.warn('could not look for processes', { error: String(error) })
    return undefined
  }
}

/**
 * Freezes the processes of a task before it kills them: while parents die one by one, a child born
 * meanwhile would be nobody's, and could not be told from others any more. Answers what it killed.
 */
async function killAll(
  mark: TaskMark,
  known: readonly ProcessIdentity[],
): Promise<ProcessIdentity[]> {
  const frozen = new Set<number>()
  let left = await findTaskProcesses(mark, known)
  for (let round = 0; round < MAX_FREEZES && left.some(({ pid }) => !frozen.has(pid)); round += 1) {
    for (const each of left.filter(({ pid }) => !frozen.has(pid))) {
      frozen.add(each.pid)
      signalProcess(each, 'SIGSTOP')
    }
    left = await findTaskProcesses(mark, left)
  }
  for (const each of left) signalProcess(each, 'SIGKILL')
  return left
}

function signalProcess(target: ProcessIdentity, signal: 'SIGSTOP' | 'SIGKILL'): void {
  // It may have gone since it was found, and its pid may be another's.
  if (!isRunning(target)) return
  try {
    process.kill(target.pid, signal)
  } catch {
    // Gone in between, or not ours to kill: the next look tells.
  }
}
