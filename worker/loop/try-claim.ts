import type { ReadyMessage } from '../../lib/job/messages.ts'
import type { TaskType } from '../../lib/job/job.ts'
import { claimJob, type Claimed, type SentClaim } from './claim-job.ts'
import { monotonicMs } from '../../lib/pace/monotonic.ts'
import type { WorkerParts } from './worker-parts.ts'

const MAX_TRIES = 3
const RETRY_MS = 1000

/**
 * Claims until it is certain what became of it. A claim whose answer did not come may have been
 * written: then a later try finds it ours, and begins its lease anew. So it does where the answer
 * came so late that little of the lease is left.
 *
 * Three tries where nothing was sent. A claim that was sent is looked after for as long as its lease
 * could last: handed back before, it would be this worker's without its knowing, and cost the job
 * the wait for the lease and a loss.
 */
export async function tryClaim(
  parts: WorkerParts,
  taskType: TaskType,
  signal: ReadyMessage,
): Promise<Claimed> {
  const { deps } = parts
  const leaseMs = deps.service.timing.leaseSeconds[taskType] * 1000
  const sent: SentClaim = {}
  let ours: Claimed | undefined
  for (let tries = 1; ; tries += 1) {
    try {
      const claimed = await claimJob(deps, signal, sent)
      if (!isLate(claimed)) return claimed
      ours = claimed
    } catch (error) {
      deps.log.warn('claim unanswered', { jobId: signal.jobId, error: String(error) })
    }
    const isOpen = sent.atMs !== undefined && monotonicMs() < sent.atMs + leaseMs
    if (tries >= MAX_TRIES && (ours !== undefined || !isOpen || !parts.isReceiving())) {
      return ours ?? { kind: 'later', why: 'the table does not answer' }
    }
    if (ours === undefined) await deps.clock.sleep(RETRY_MS)
  }
}

/** Whether half of the lease was over before the job began. */
function isLate(claimed: Claimed): boolean {
  if (claimed.kind !== 'claimed') return false
  const leaseMs = (claimed.stored.job.lease?.leaseSeconds ?? 0) * 1000
  return monotonicMs() - claimed.sentAtMs > leaseMs / 2
}
