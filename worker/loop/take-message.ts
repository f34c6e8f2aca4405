import type { TaskType } from '../../lib/job/job.ts'
import { parseReady } from '../../lib/job/messages.ts'
import type { Message } from '../../lib/ports/queues.ts'
import { type RunEnd, runJob } from '../run/run-job.ts'
import { Claim } from './claim.ts'
import type { RunningWorker } from './running-worker.ts'
import type { WorkerDeps } from './worker-deps.ts'

export interface QueueMessage {
  readonly taskType: TaskType
  readonly message: Message
}

/** What became of a message; `refused` and `fault` make its receiver wait a while. */
export type MessageEnd = RunEnd | 'done' | 'refused' | 'handed-back'

/**
 * One message, whose slot is taken already: protect → claim → delete the message → run. No step is
 * taken before the one in front of it has certainly succeeded.
 */
export async function takeMessage(
  worker: RunningWorker,
  { taskType, message }: QueueMessage,
): Promise<MessageEnd> {
  const { deps, protection, acker, inHand } = worker
  const ready = parseReady(message.body)
  if (ready === undefined) {
    deps.log.error('not a ready message; deleted', { queue: taskType, messageId: message.id })
    acker.ack(taskType, message.receipt)
    return 'done'
  }
  const key = `${ready.jobId}:${ready.attempt}`
  if (inHand.has(key)) {
    await handBack(deps, { taskType, message }) // a repeat; its original decides
    return 'handed-back'
  }
  inHand.add(key)
  try {
    const acquired = await protection.acquire()
    if (!acquired.ok || !worker.isReceiving) {
      await handBack(deps, { taskType, message })
      return acquired.ok ? 'handed-back' : 'refused'
    }
    const claimed = await new Claim(worker, taskType, ready).run()
    if (claimed.kind === 'later') {
      deps.log.info('message handed back', { jobId: ready.jobId, why: claimed.why })
      await handBack(deps, { taskType, message })
      return 'handed-back'
    }
    acker.ack(taskType, message.receipt)
    if (claimed.kind === 'claimed') return await runJob(worker, claimed)
    deps.log.info('message dropped', { jobId: ready.jobId, why: claimed.why })
    return 'done'
  } finally {
    inHand.delete(key)
  }
}

/** Never throws: a message that is not handed back shows again by itself. */
export async function handBack(
  { queues, pace, log }: WorkerDeps,
  { taskType, message }: QueueMessage,
  afterSeconds = pace.handBackSeconds,
): Promise<void> {
  try {
    await queues.handBack(taskType, [message.receipt], afterSeconds)
  } catch (error) {
    log.warn('message not handed back', { queue: taskType, error: String(error) })
  }
}
