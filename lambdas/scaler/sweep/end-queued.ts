import { endUnserved } from '../../../lib/core/job/end-unserved.ts'
import { expireInQueue, isExpiredInQueue } from '../../../lib/core/job/expire-in-queue.ts'
import type { Change, Job } from '../../../lib/core/job/job.ts'
import { statusHash } from '../../../lib/core/keys.ts'
import { changeJob } from '../../../lib/jobs/change-job.ts'
import type { StoredJob } from '../../../lib/jobs/job-row.ts'
import { notifyEnd } from '../../../lib/jobs/notify-end.ts'
import { type Nominated, readNominated } from '../read-nominated.ts'
import type { ScalerDeps } from '../scaler-deps.ts'
import type { Unserved } from './find-unserved.ts'
import type { SweepContext } from './sweep-context.ts'

const ROWS_BEYOND = 200

export interface QueuedEnded {
  readonly expired: number
  readonly unserved: number
  readonly expiryAfter?: string
}

/**
 * Ends queued jobs that will not start: those that waited longer than `limits.queueSeconds` for
 * their first attempt, and those of a type that nobody takes. It goes through the queued rows that
 * the look has read, and page by page, look by look, through those beyond.
 *
 * @param unserved absent where this look could not tell: then nobody's type ends a job
 */
export async function endQueued(
  context: SweepContext,
  unserved: Unserved | undefined,
): Promise<QueuedEnded> {
  const { deps, sensed, memory, steps, budget } = context
  const ended = { expired: 0, unserved: 0 }
  if (!sensed.queued.seen) return { ...ended, ...placeAt(memory.expiryAfter) }
  const beyond = await readBeyond(deps, sensed.queued.value, memory.expiryAfter)
  const nowMs = deps.clock.now()
  for (const stored of [...sensed.queued.value.jobs, ...beyond.jobs]) {
    const why = whyOver(stored.job, { unserved, nowMs })
    if (why === undefined) continue
    if (budget.isSpent()) break
    await steps.run('end queued', async () => {
      if (await end(deps, stored, why)) ended[why] += 1
    })
  }
  return { ...ended, ...placeAt(beyond.next) }
}

function placeAt(after: string | undefined): Pick<QueuedEnded, 'expiryAfter'> {
  return after === undefined ? {} : { expiryAfter: after }
}

type Over = 'expired' | 'unserved'

const TRANSITIONS: Readonly<Record<Over, (job: Job, nowMs: number) => Change<string>>> = {
  expired: expireInQueue,
  unserved: endUnserved,
}

/** A job that was queued only lately has its own grace: what it fell back from may come back. */
function whyOver(
  job: Job,
  { unserved, nowMs }: { readonly unserved: Unserved | undefined; readonly nowMs: number },
): Over | undefined {
  if (isExpiredInQueue(job, nowMs)) return 'expired'
  if (job.status !== 'queued' || unserved?.types.has(job.taskType) !== true) return undefined
  return nowMs - Date.parse(job.queuedAt) >= unserved.graceMs ? 'unserved' : undefined
}

async function readBeyond(
  { table }: ScalerDeps,
  { next }: Nominated,
  expiryAfter: string | undefined,
): Promise<Nominated> {
  if (next === undefined) return { jobs: [] }
  return readNominated(table, {
    index: 'byStatus',
    hash: statusHash('queued'),
    after: expiryAfter ?? next,
    limit: ROWS_BEYOND,
  })
}

async function end(deps: ScalerDeps, known: StoredJob, why: Over): Promise<boolean> {
  const target = { id: known.job.id, known }
  const ended = await changeJob(deps.table, target, (job) =>
    TRANSITIONS[why](job, deps.clock.now()),
  )
  if (!ended.ok) return false
  if (why === 'unserved') {
    const { id: jobId, taskType } = known.job
    deps.log.warn('job ended: nobody takes its type', { jobId, taskType })
  }
  await notifyEnd(deps, ended.stored)
  return true
}
