import { finish } from '../../lib/job/life/attempt-end.ts'
import { claim } from '../../lib/job/life/attempt.ts'
import { changeJob } from '../../lib/job/store/change-job.ts'
import { readJob } from '../../lib/job/store/job-row.ts'
import type { EndDetail, Job, TaskType } from '../../lib/job/job.ts'
import { attemptPrefix } from '../../lib/job/keys.ts'
import { parseReady, type ReadyMessage } from '../../lib/job/messages.ts'
import type { Message } from '../../lib/ports/queues.ts'
import { handBack } from './take-message.ts'
import { sendNext } from '../run/finish-job.ts'
import type { WorkerDeps } from './worker-deps.ts'

interface Failure {
  readonly taskType: TaskType
  readonly end: EndDetail
}

const VISIBILITY_SECONDS = 60
const MAX_MESSAGES = 10

/**
 * A worker that cannot run jobs of this type, after several tries, ends some that wait, so that they
 * do not wait unseen for ever. Limits so that one broken worker cannot drain the queue of a service
 * whose other workers are well:
 * - at most as many jobs as it has slots, once for each failed start;
 * - only jobs that have waited for a whole start time: a sound worker would have taken them;
 * - each costs one attempt, so a job with retries left goes on.
 *
 * Never throws: what it leaves undone another worker, or the reaper, does.
 */
export async function failWaitingJobs(deps: WorkerDeps, failure: Failure): Promise<void> {
  try {
    await failSome(deps, failure)
  } catch (error) {
    deps.log.warn('waiting jobs not ended', { error: String(error) })
  }
}

async function failSome(deps: WorkerDeps, failure: Failure): Promise<void> {
  const { taskType } = failure
  const messages = await deps.queues.receive(taskType, {
    max: Math.min(deps.service.slots[taskType], MAX_MESSAGES),
    waitSeconds: 1,
    visibilitySeconds: VISIBILITY_SECONDS,
  })
  for (const message of messages) await failOne(deps, message, failure)
}

async function failOne(deps: WorkerDeps, message: Message, failure: Failure): Promise<void> {
  const { taskType } = failure
  const ready = parseReady(message.body)
  const stored = ready && (await readJob(deps.table, ready.jobId))
  if (ready !== undefined && stored?.job.status === 'queued') {
    if (!hasWaited(deps, stored.job)) {
      await handBack(deps, { taskType, message })
      return
    }
    await endAttempt(deps, ready, failure.end)
  }
  await deps.queues.delete(taskType, [message.receipt])
}

function hasWaited({ clock, service }: WorkerDeps, job: Job): boolean {
  const waitedMs = clock.now() - Date.parse(job.queuedAt)
  return waitedMs >= service.container.startSeconds * 1000
}

/** Claims and finishes: an attempt like any other, in which nothing ran. */
async function endAttempt(
  deps: WorkerDeps,
  { jobId, attempt }: ReadyMessage,
  end: EndDetail,
): Promise<void> {
  const { workerId, taskId, service, clock, table } = deps
  const claimed = await changeJob(table, { id: jobId }, (job) => {
    const leaseSeconds = service.timing.leaseSeconds[job.taskType]
    return claim(job, { workerId, taskId, leaseSeconds, attempt }, clock.now())
  })
  if (!claimed.ok) return
  const prefix = attemptPrefix(jobId, attempt)
  const outcome = { status: 'failed', end, prefix, retryable: true } as const
  const holder = { workerId, attempt }
  const finished = await changeJob(table, { id: jobId, known: claimed.stored }, (job) =>
    finish(job, { holder, outcome }, clock.now()),
  )
  if (finished.ok) await sendNext(deps, finished.stored)
}
