import type { TaskType } from '../lib/core/job/job.ts'
import { type JobSignal, jobSignalSchema } from '../lib/core/messages.ts'
import type { Message } from '../lib/ports/queues.ts'
import { claimJob, type Claimed } from './claim-job.ts'
import type { MessageAcker } from './message-acker.ts'
import { monotonicMs } from './monotonic.ts'
import { type Ran, runJob } from './run-job.ts'
import type { WorkerParts } from './worker-parts.ts'

/** A message that could not be used now shows again after this; at least 5 s, to be polite. */
const HAND_BACK_SECONDS = 5
const MAX_CLAIM_TRIES = 3
const CLAIM_RETRY_MS = 1000

/** What became of a message; `refused` and `fault` make its receiver wait a while. */
export type Taken = Ran | 'done' | 'refused' | 'handed-back'

/**
 * One message with its slot already taken: protect → claim → delete the message → run. Not a step
 * is taken before the one in front of it has certainly succeeded.
 */
export async function takeMessage(
  parts: WorkerParts,
  acker: MessageAcker,
  { taskType, message }: { taskType: TaskType; message: Message },
): Promise<Taken> {
  const { log } = parts.deps
  const signal = parseSignal(message.body)
  if (signal === undefined) {
    log.error('message is no job signal; deleted', { queue: taskType, messageId: message.id })
    acker.ack(taskType, message.receipt)
    return 'done'
  }
  const key = `${signal.jobId}:${signal.attempt}`
  if (parts.inHand.has(key)) {
    await handBack(parts, { taskType, message }) // a repeat; its original decides
    return 'handed-back'
  }
  parts.inHand.add(key)
  try {
    return await takeSignal(parts, acker, { taskType, message, signal })
  } finally {
    parts.inHand.delete(key)
  }
}

async function takeSignal(
  parts: WorkerParts,
  acker: MessageAcker,
  { taskType, message, signal }: { taskType: TaskType; message: Message; signal: JobSignal },
): Promise<Taken> {
  const { log } = parts.deps
  const acquired = await parts.keeper.acquire()
  if (!acquired.ok || !parts.isReceiving()) {
    await handBack(parts, { taskType, message })
    return acquired.ok ? 'handed-back' : 'refused'
  }
  const claimed = await tryClaim(parts, signal)
  if (claimed.kind === 'later') {
    log.info('message handed back', { jobId: signal.jobId, why: claimed.why })
    await handBack(parts, { taskType, message })
    return 'handed-back'
  }
  acker.ack(taskType, message.receipt)
  if (claimed.kind === 'done') {
    log.info('message dropped', { jobId: signal.jobId, why: claimed.why })
    return 'done'
  }
  return runJob(parts, claimed)
}

export function parseSignal(body: string): JobSignal | undefined {
  try {
    return jobSignalSchema.parse(JSON.parse(body))
  } catch {
    return undefined
  }
}

/**
 * A claim whose answer did not come may have been written: then the next try finds it ours, and
 * begins its lease anew. So it does where the answer came so late that little of the lease is left.
 */
async function tryClaim({ deps }: WorkerParts, signal: JobSignal): Promise<Claimed> {
  let ours: Claimed | undefined
  for (let tries = 1; ; tries += 1) {
    try {
      const claimed = await claimJob(deps, signal, { mayBeOurs: tries > 1 })
      if (!isLate(claimed)) return claimed
      ours = claimed
    } catch (error) {
      deps.log.warn('claim unanswered', { jobId: signal.jobId, error: String(error) })
    }
    if (tries === MAX_CLAIM_TRIES) {
      return ours ?? { kind: 'later', why: 'the table does not answer' }
    }
    if (ours === undefined) await deps.clock.sleep(CLAIM_RETRY_MS)
  }
}

/** Whether half of the lease was over before the job began. */
function isLate(claimed: Claimed): boolean {
  if (claimed.kind !== 'claimed') return false
  const leaseMs = (claimed.stored.job.lease?.leaseSeconds ?? 0) * 1000
  return monotonicMs() - claimed.sentAtMs > leaseMs / 2
}

/** Never throws: a message that is not handed back shows again by itself. */
export async function handBack(
  { deps }: WorkerParts,
  { taskType, message }: { taskType: TaskType; message: Message },
  afterSeconds = HAND_BACK_SECONDS,
): Promise<void> {
  try {
    await deps.queues.handBack(taskType, [message.receipt], afterSeconds)
  } catch (error) {
    deps.log.warn('message not handed back', { queue: taskType, error: String(error) })
  }
}
