import type { Job } from '../../job/job.ts'
import { confirmFirstSend } from '../../job/life/confirm-first-send.ts'
import { changeJob } from '../../job/store/change-job.ts'
import { sendReady } from '../../job/store/send-ready.ts'
import type { Call } from '../route.ts'
import { waitAtMost } from '../../pace/wait-at-most.ts'

/** PAI-EAS's Python client gives up after 5 s and then does not know its job's id. */
const SEND_MS = 2_000
const KICK_MS = 1_000

/**
 * Tells workers and scaler of a new job. Never throws and never takes long: what fails or is slow
 * here the reaper does, so it must not cost the caller the answer.
 */
export async function announceJob(call: Call, job: Job): Promise<void> {
  const { api, log } = call
  const signaled = signal(call, job).catch((error: unknown) => {
    log.warn('the message of a new job was not sent; the reaper will send it', {
      jobId: job.id,
      error: String(error),
    })
  })
  await waitAtMost(api.clock, SEND_MS, signaled)
  if (!api.service.timing.kickOnSubmit) return
  const kicked = api.kick.kick().catch((error: unknown) => {
    log.warn('the scaler was not kicked', { error: String(error) })
  })
  await waitAtMost(api.clock, KICK_MS, kicked)
}

async function signal({ api }: Call, job: Job): Promise<void> {
  await sendReady(api.queues, job)
  await changeJob(api.table, { id: job.id }, (row) => confirmFirstSend(row, api.clock.now()))
}
