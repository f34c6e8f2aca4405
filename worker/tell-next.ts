import type { StoredJob } from '../lib/jobs/job-row.ts'
import { notifyEnd } from '../lib/jobs/notify-end.ts'
import { signalNext } from '../lib/jobs/signal-next.ts'
import type { WorkerDeps } from './worker-deps.ts'

/** Notifies the output queue. What goes wrong is left to the sweep, which notifies again. */
export async function tellEnd(deps: WorkerDeps, stored: StoredJob): Promise<void> {
  try {
    await notifyEnd(deps, stored)
  } catch (error) {
    deps.log.warn('end not notified', { jobId: stored.job.id, error: String(error) })
  }
}

/**
 * After a job went back to queued: signals its next attempt, where that is due already, so that it
 * does not wait for the sweep. What goes wrong is left to the sweep.
 */
export async function tellNext(deps: WorkerDeps, stored: StoredJob): Promise<void> {
  try {
    if (await signalNext(deps, stored)) await deps.kick.kick()
  } catch (error) {
    deps.log.warn('next attempt not signaled', { jobId: stored.job.id, error: String(error) })
  }
}
