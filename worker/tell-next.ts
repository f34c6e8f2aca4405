import { moveSignal } from '../lib/core/job/move-signal.ts'
import { changeJob } from '../lib/jobs/change-job.ts'
import type { StoredJob } from '../lib/jobs/job-row.ts'
import { notifyEnd } from '../lib/jobs/notify-end.ts'
import { sendSignal } from '../lib/jobs/send-signal.ts'
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
  const target = { id: stored.job.id, known: stored }
  try {
    const moved = await changeJob(deps.table, target, (job) => moveSignal(job, deps.clock.now()))
    if (!moved.ok) return
    await sendSignal(deps.queues, moved.stored.job)
    await deps.kick.kick()
  } catch (error) {
    deps.log.warn('next attempt not signaled', { jobId: stored.job.id, error: String(error) })
  }
}
