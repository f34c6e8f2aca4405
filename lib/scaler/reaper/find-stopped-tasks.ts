import type { Job } from '../../job/job.ts'
import type { ReaperContext } from './reaper-step.ts'

const MAX_TASKS_ASKED = 100

/**
 * Which tasks, of those that hold leases or have a worker row, have certainly stopped. The fleet is
 * asked only for tasks that this look did not see alive, and after the running rows were read: a
 * task that started meanwhile is known to it by then. A fleet that was not observed stops nobody.
 */
export async function findStoppedTasks(
  { deps, snapshot, steps }: ReaperContext,
  running: readonly Job[],
): Promise<ReadonlySet<string>> {
  const { fleet, workers } = snapshot
  if (!fleet.seen) return new Set()
  const alive = new Set(
    fleet.value.tasks.filter((task) => task.state !== 'stopped').map((task) => task.taskId),
  )
  const ofLeases = running.flatMap(({ lease }) => (lease === undefined ? [] : [lease.taskId]))
  const ofRows = workers.seen ? workers.value.map(({ row }) => row.taskId) : []
  // Leases first: where there are too many to ask for, they matter more than old rows.
  const suspects = [...new Set([...ofLeases, ...ofRows])].filter((taskId) => !alive.has(taskId))
  if (suspects.length === 0) return new Set()
  let stopped: readonly string[] = []
  // A step of its own: silent leases are lost even where the fleet does not answer.
  await steps.run('find stopped tasks', async () => {
    stopped = await deps.fleet.findStopped(suspects.slice(0, MAX_TASKS_ASKED))
  })
  return new Set(stopped)
}
