import { isEnded } from '../../lib/job/job.ts'
import type { StoredJob } from '../../lib/job/store/job-row.ts'
import { sendEnd } from '../../lib/job/store/send-end.ts'
import { sendReady } from '../../lib/job/store/send-ready.ts'
import type { WorkerDeps } from '../loop/worker-deps.ts'

/**
 * Sends the message that follows from the row as this worker wrote it: the end message of an ended
 * job; the ready message of a queued one, where it is due already, so that it does not wait for the
 * reaper. Never throws: the reaper repeats what failed.
 */
export async function sendNext(deps: WorkerDeps, stored: StoredJob): Promise<void> {
  const { id, status } = stored.job
  try {
    if (isEnded(status)) await sendEnd(deps, stored)
    else if (await sendReady(deps, stored)) await deps.kick.kick()
  } catch (error) {
    deps.log.warn('message not sent', { jobId: id, status, error: String(error) })
  }
}
