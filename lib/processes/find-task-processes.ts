import { ENV } from '../registry/env.ts'
import { readGroups } from './group-records.ts'
import {
  isOfThisBoot,
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
  /** Where the worker's guards write down what they started (`lib/processes/group-record-line.ts`). */
  readonly groupFolder: string
}

/**
 * Everything that still runs of a task: its worker, the worker's session, every process that
 * inherited the task's id in its environment (daemons that left the session too), what its guards
 * have recorded with the sessions of it, and whatever those started or lead. This process itself is
 * never among them.
 *
 * Out of sight is only a process that has dropped its environment, left its session, and lost every
 * parent before its guard or the first look saw it; outside Linux, whatever has left the worker's
 * process group.
 *
 * @param known processes found before: they belong to the task although their parents may have gone
 */
export async function findTaskProcesses(
  mark: TaskMark,
  known: readonly ProcessIdentity[],
): Promise<ProcessIdentity[]> {
  const rows = (await listProcesses()).filter((row) => row.pid !== process.pid)
  const recorded = await readGroups(mark.groupFolder)
  const knownStarts = new Map([...recorded, ...known].map(({ pid, start }) => [pid, start]))
  const carriers = await mapInBatches(rows, async (row) => {
    return (await readVariableOf(row.pid, ENV.taskId.name)) === mark.taskId
  })
  const leaders = mark.process === undefined ? recorded : [mark.process, ...recorded]
  const sessions = findSessions(leaders, rows)
  const belongs = (row: ProcessRow, index: number) => {
    if (carriers[index] === true || sessions.has(row.sessionPid)) return true
    return knownStarts.get(row.pid) === row.start
  }
  const found = new Set(rows.filter(belongs).map((row) => row.pid))
  addFollowers(found, rows)
  return rows.filter((row) => found.has(row.pid))
}

/**
 * The sessions that these processes led. A pid that belongs to another process by now means that
 * the session is gone: a number that still names a session is not given out again.
 */
function findSessions(
  leaders: readonly ProcessIdentity[],
  rows: readonly ProcessRow[],
): ReadonlySet<number> {
  const starts = new Map(rows.map(({ pid, start }) => [pid, start]))
  const standing = leaders.filter((leader) => {
    return isOfThisBoot(leader) && (starts.get(leader.pid) ?? leader.start) === leader.start
  })
  return new Set(standing.map(({ pid }) => pid))
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
