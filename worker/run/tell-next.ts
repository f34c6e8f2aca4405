import type { StoredJob } from '../../lib/job/store/job-row.ts'
import { notifyEnd } from '../../lib/job/store/notify-end.ts'
import { sendNextReady } from '../../lib/job/store/send-next-ready.ts'
import type { WorkerDeps } from '../loop/worker-deps.ts'

/** Notifies the output queue. What goes wrong is left to the reaper, which notifies again. */
export async function tellEnd(deps: WorkerDeps, stored: StoredJob): Promise<void> {
  try {
    await notifyEnd(deps, stored)
  } catch (error) {
    deps.log.warn('end not notified', { jobId: stored.job.id, error: String(error) })
  }
}

/**
 * After a job went back to queued: signals its next attempt, where that is due already, so that it
 * does not wait for the reaper. What goes wrong is left to the reaper.
 */
export async function tellNext(deps: WorkerDeps, stored: StoredJob): Promise<void> {
  try {
    if (await sendNextReady(deps, stored)) await deps.kick.kick()
  } catch (error) {
    deps.log.warn('next attempt not signaled', { jobId: stored.job.id, error: String(error) })
  }
}
