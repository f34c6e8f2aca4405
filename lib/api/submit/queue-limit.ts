import { ServiceError } from '../../registry/errors.ts'
import type { TaskType } from '../../job/job.ts'
import type { Log } from '../../ports/log.ts'
import type { ApiDeps } from '../api-deps.ts'
import { waitAtMost } from '../../pace/wait-at-most.ts'

/** Decides whether the service may take another job. */
export interface QueueLimit {
  /** @throws ServiceError `too-many-requests` */
  check(): Promise<void>
  /** One more was accepted: it counts before the queues show it. */
  count(): void
}

const REFRESH_MS = 3_000
/** A caller gives up after 5 s (PAI-EAS's Python client); a depth that takes longer is not awaited. */
const AWAIT_MS = 2_000
const RETRY_AFTER_SECONDS = 10

/**
 * Waiting jobs by the depth of the queues, asked for at most every three seconds, plus what this
 * process has accepted since: a submit never counts rows, however many wait. Only the first submits,
 * and one that would be refused, wait for the answer, so that a refusal is never older than the
 * depth. A depth that cannot be read leaves the last one standing, what was accepted since counts on,
 * and nobody is refused where there was none.
 */
export function makeQueueLimit(
  deps: Pick<ApiDeps, 'service' | 'queues' | 'clock' | 'log'>,
): QueueLimit {
  const { clock, service } = deps
  const max = service.intake.maxWaitingJobs
  let known = 0
  let acceptedSince = 0
  let hasRead = false
  let readAtMs = Number.NEGATIVE_INFINITY
  let reading: Promise<void> | undefined
  const refresh = async () => {
    const before = acceptedSince
    readAtMs = clock.monotonicMs()
    const depth = await readDepth(deps)
    hasRead = true
    if (depth === undefined) return
    known = depth
    acceptedSince -= before
  }
  const isFull = () => known + acceptedSince >= max
  return {
    count: () => {
      acceptedSince += 1
    },
    check: async () => {
      const isStale = clock.monotonicMs() - readAtMs >= REFRESH_MS
      if (isStale) reading ??= refresh().finally(() => (reading = undefined))
      if (reading !== undefined && (!hasRead || isFull())) {
        await waitAtMost(clock, AWAIT_MS, reading)
      }
      if (isFull()) throw full(known + acceptedSince, max)
    },
  }
}

async function readDepth({
  service,
  queues,
  log,
}: {
  service: { taskTypes: readonly TaskType[] }
  queues: ApiDeps['queues']
  log: Log
}): Promise<number | undefined> {
  try {
    const depths = await Promise.all(service.taskTypes.map((queue) => queues.depth(queue)))
    return depths.reduce((sum, { visible, delayed }) => sum + visible + delayed, 0)
  } catch (error) {
    log.warn('could not read how many jobs wait', { error: String(error) })
    return undefined
  }
}

function full(waiting: number, max: number): ServiceError {
  return new ServiceError('too-many-requests', `${waiting} jobs wait; ${max} are allowed`, {
    retryAfterSeconds: RETRY_AFTER_SECONDS,
    details: [
      {
        path: 'service.intake.maxWaitingJobs',
        problem: 'is reached',
        got: `${waiting} waiting jobs`,
        allowed: `fewer than ${max}`,
      },
    ],
  })
}
