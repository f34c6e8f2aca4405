import { workerKey } from '../../job/keys.ts'
import type { LostFound } from './find-lost.ts'
import type { ReaperContext } from './reaper-context.ts'

const MAX_ROWS = 100

/** Deletes the rows of workers whose task has stopped and that hold no lease any more. */
export async function cleanWorkers(
  { deps, sensed, steps, budget }: ReaperContext,
  { holders, stopped }: Pick<LostFound, 'holders' | 'stopped'>,
): Promise<number> {
  const { workers } = sensed
  if (!workers.seen || holders === undefined) return 0
  const gone = workers.value.filter(
    ({ row }) => stopped.has(row.taskId) && !holders.has(row.workerId),
  )
  let cleaned = 0
  for (const { row, rev } of gone.slice(0, MAX_ROWS)) {
    if (budget.isSpent()) break
    await steps.run('clean worker', async () => {
      const key = workerKey(row.workerId)
      const outcome = await deps.table.write([{ kind: 'delete', key, expect: { rev } }])
      if (outcome.ok) cleaned += 1
    })
  }
  return cleaned
}
