import { workerKey } from '../../job/keys.ts'
import type { ReaperStep } from './reaper-step.ts'

const MAX_ROWS = 100

/** Deletes the rows of workers whose task has stopped and that hold no lease any more. */
export const cleanWorkers: ReaperStep<'worker-rows'> = {
  name: 'worker-rows',
  empty: {},
  async run({ deps, snapshot, steps, findings }) {
    const { workers } = snapshot
    const { stoppedTasks, leaseHolders } = findings
    if (!workers.seen || stoppedTasks === undefined || leaseHolders === undefined) return {}
    const gone = workers.value.filter(
      ({ row }) => stoppedTasks.has(row.taskId) && !leaseHolders.has(row.workerId),
    )
    let cleaned = 0
    for (const { row, rev } of gone.slice(0, MAX_ROWS)) {
      if (steps.isTimeUp()) break
      await steps.run('clean worker', async () => {
        const key = workerKey(row.workerId)
        const outcome = await deps.table.write([{ kind: 'delete', key, expect: { rev } }])
        if (outcome.ok) cleaned += 1
      })
    }
    return { report: { cleaned } }
  },
}
