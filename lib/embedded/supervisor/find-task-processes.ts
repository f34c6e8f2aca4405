import { ENV } from '../../core/env.ts'
import {
  listProcesses,
  mapInBatches,
  type ProcessIdentity,
  type ProcessRow,
  readVariableOf,
} from './process-table.ts'

/** How the processes of a task are known. */
export interface TaskMark {
  readonly taskId: string
  /** The worker itself, which leads a session of its own; absent when it never started. */
  readonly process?: ProcessIdentity | undefined
}

/**
 * Everything that still runs of a task: its worker, the worker's session, every process that
 * inherited the task's id in its environment (daemons that left the session too), and whatever
 * those started or lead. This process itself is never among them.
 *
 * Out of sight is only a process that has dropped its environment, left its session, and lost every
 * parent before the first look; outside Linux, whatever has left the worker's process group.
 *
 * @param known processes found before: they belong to the task although their parents may have gone
 */
export async function findTaskProcesses(
  mark: TaskMark,
  known: readonly ProcessIdentity[],
): Promise<ProcessIdentity[]> {
  const rows = (await listProcesses()).filter((row) => row.pid !== process.pid)
  const knownStarts = new Map(known.map(({ pid, start }) => [pid, start]))
  const carriers = await mapInBatches(rows, async (row) => {
    return (await readVariableOf(row.pid, ENV.taskId.name)) === mark.taskId
  })
  const ownSession = findOwnSession(mark, rows)
  const belongs = (row: ProcessRow, index: number) => {
    if (carriers[index] === true || row.sessionPid === ownSession) return true
    return knownStarts.get(row.pid) === row.start
  }
  const found = new Set(rows.filter(belongs).map((row) => row.pid))
  addFollowers(found, rows)
  return rows.filter((row) => found.has(row.pid))
}

/**
 * The session that the worker led. A pid that belongs to another process by now means that the
 * session is gone: a number that still names a session is not given out again.
 */
function findOwnSession({ process }: TaskMark, rows: readonly ProcessRow[]): number | undefined {
  if (process === undefined) return undefined
  const namesake = rows.find((row) => row.pid === process.pid)
  return namesake === undefined || namesake.start === process.start ? process.pid : undefined
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
