import { workerKey } from '../../job/keys.ts'
import type { StopOrder } from '../../scaling/decision.ts'
import { SCALING_REASONS } from '../../scaling/scaling-reasons.ts'
import type { Side } from '../../scaling/sides.ts'
import type { ScalerDeps } from './scaler-deps.ts'
import type { Steps } from './steps.ts'
import { toStoredWorker } from '../stored-worker.ts'
import { readRunning } from '../reaper/lose-attempts.ts'

export interface StopResult {
  /** Silent workers per side that the fleet did not stop. */
  readonly failed: Readonly<Record<Side, number>>
  /** Sides where a worker that was thought silent may be alive after all. */
  readonly alive: ReadonlySet<Side>
}

/** Shown as the reason why the task stopped. */
const REASON = `replacing-silent: ${SCALING_REASONS['replacing-silent']}`

/**
 * Stops the tasks of silent workers. Just before, it checks the reason once more on the rows: a worker
 * that has written its row since, or that holds a lease, is left alone.
 */
export async function stopSilent(
  deps: ScalerDeps,
  stops: readonly StopOrder[],
  steps: Steps,
): Promise<StopResult> {
  const failed = { a: 0, b: 0 }
  const alive = new Set<Side>()
  if (stops.length === 0) return { failed, alive }
  let holders: ReadonlySet<string> | undefined
  await steps.run('read leases', async () => {
    holders = await readHolders(deps)
  })
  for (const stop of stops) {
    if (
      steps.isTimeUp() ||
      holders === undefined ||
      (await isAlive(deps, stop, { holders, steps }))
    ) {
      alive.add(stop.side)
      continue
    }
    const isStopped = await steps.run('stop task', () => deps.fleet.stopTask(stop.taskId, REASON))
    if (!isStopped) failed[stop.side] += 1
    else deps.log.warn('silent worker stopped', { ...stop, why: REASON })
  }
  return { failed, alive }
}

/** Absent where not every running row could be read: then no worker is known to be free. */
async function readHolders(deps: ScalerDeps): Promise<ReadonlySet<string> | undefined> {
  const { jobs, isWhole, next } = await readRunning(deps, undefined)
  if (!isWhole || next !== undefined) return undefined
  return new Set(jobs.flatMap(({ job }) => job.lease?.workerId ?? []))
}

async function isAlive(
  { table }: ScalerDeps,
  { workerId, beat }: StopOrder,
  { holders, steps }: { readonly holders: ReadonlySet<string>; readonly steps: Steps },
): Promise<boolean> {
  if (holders.has(workerId)) return true
  let hasMoved = true
  await steps.run('read silent worker', async () => {
    const found = await table.get(workerKey(workerId))
    hasMoved = found === undefined || toStoredWorker(found).row.beat !== beat
  })
  return hasMoved
}
