import { type InputRef, type Job, toTimestamp } from '../../job/job.ts'
import { completeChoices } from '../../job/job-choices.ts'
import { RESERVED_MS } from '../../job/life/delivery.ts'
import type { Service } from '../../service/service.ts'
import type { Submission } from './submission.ts'

/**
 * The row of a new job; absent limits are those of the service. Its ready message is reserved: should
 * the submit die between row and message, the reaper soon sends it.
 */
export function newJob(
  service: Service,
  submission: Submission,
  { id, input, nowMs }: { id: string; input: InputRef; nowMs: number },
): Job {
  const { taskType, tenant, request, choices, retryOf } = submission
  const logToQueue = service.logToQueue[taskType]
  return {
    id,
    service: service.name,
    tenant,
    taskType,
    status: 'queued',
    attempt: 0,
    acceptedAt: toTimestamp(nowMs),
    queuedAt: toTimestamp(nowMs),
    input,
    ...(request && { request }),
    ...completeChoices(choices, { ...service.jobDefaults[taskType], logToQueue }),
    retriesUsed: 0,
    lossesUsed: 0,
    attempts: [],
    ...(retryOf !== undefined && { retryOf }),
    readyAt: toTimestamp(nowMs + RESERVED_MS),
    readySent: 0,
    notificationsSent: 0,
  }
}
