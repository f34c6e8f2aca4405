import type { Clock } from '../../ports/clock.ts'
import type { Log } from '../../ports/log.ts'
import type { FleetKeeper } from './fleet-keeper.ts'

/** What ending leftovers may take beyond the grace: the guards' moment, and then some kills. */
const LEFTOVERS_MS = 15_000

/**
 * Waits until nothing of the fleet runs, at most the grace and some seconds. What cannot be ended by
 * then (a process that hangs in the kernel) is named in the log and stays recorded.
 */
export async function awaitStopped(
  keeper: FleetKeeper,
  { graceMs, clock, log }: { graceMs: number; clock: Clock; log: Log },
): Promise<void> {
  const done = new AbortController()
  const gone = Promise.all(keeper.roster.present().map((task) => task.gone.promise))
  await Promise.race([gone, clock.sleep(graceMs + LEFTOVERS_MS, done.signal)])
  done.abort()
  const left = keeper.roster.present().map(({ taskId }) => taskId)
  if (left.length > 0) log.error('processes of these tasks cannot be ended', { taskIds: left })
}
