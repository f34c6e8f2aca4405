import type { Job } from '../../../lib/core/job/job.ts'
import { markSignaled } from '../../../lib/core/job/mark-signaled.ts'
import { changeJob } from '../../../lib/jobs/change-job.ts'
import { sendSignal } from '../../../lib/jobs/send-signal.ts'
import type { Call } from '../route.ts'
import { waitAtMost } from '../../../lib/ports/wait-at-most.ts'

/** PAI-EAS's Python client gives up after 5 s and then does not know its job's id. */
const SIGNAL_MS = 2_000
const KICK_MS = 1_000

/**
 * Tells workers and scaler of a new job. Never throws and never takes long: what fails or is slow
 * here the sweep does, so it must not cost the caller the answer.
 */
export async function announceJob(call: Call, job: Job): Promise<void> {
  const { api, log } = call
  const signaled = signal(call, job).catch((error: unknown) => {
    log.warn('the message of a new job was not sent; the sweep will send it', {
      jobId: job.id,
      error: String(error),
    })
  })
  await waitAtMost(api.clock, SIGNAL_MS, signaled)
  if (!api.service.timing.kickOnSubmit) return
  const kicked = api.kick.kick().catch((error: unknown) => {
    log.warn('the scaler was not kicked', { error: String(error) })
  })
  await waitAtMost(api.clock, KICK_MS, kicked)
}

async function signal({ api }: Call, job: Job): Promise<void> {
  await sendSignal(api.queues, job)
  await changeJob(api.table, { id: job.id }, (row) => markSignaled(row, api.clock.now()))
}
