import type { TaskType } from '../../lib/job/job.ts'
import { type ReadyMessage, readyMessageSchema } from '../../lib/job/messages.ts'
import type { Message } from '../../lib/ports/queues.ts'
import type { MessageAcker } from './message-acker.ts'
import { type Ran, runJob } from '../run/run-job.ts'
import { tryClaim } from './try-claim.ts'
import type { WorkerParts } from './worker-parts.ts'

/** A message that could not be used now shows again after this; at least 5 s, to be polite. */
const HAND_BACK_SECONDS = 5

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
  const signal = parseReady(message.body)
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
    return await takeReady(parts, acker, { taskType, message, signal })
  } finally {
    parts.inHand.delete(key)
  }
}

async function takeReady(
  parts: WorkerParts,
  acker: MessageAcker,
  { taskType, message, signal }: { taskType: TaskType; message: Message; signal: ReadyMessage },
): Promise<Taken> {
  const { log } = parts.deps
  const acquired = await parts.keeper.acquire()
  if (!acquired.ok || !parts.isReceiving()) {
    await handBack(parts, { taskType, message })
    return acquired.ok ? 'handed-back' : 'refused'
  }
  const claimed = await tryClaim(parts, taskType, signal)
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

export function parseReady(body: string): ReadyMessage | undefined {
  try {
    return readyMessageSchema.parse(JSON.parse(body))
  } catch {
    return undefined
  }
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
