import { expireInQueue, isExpiredInQueue } from '../../../lib/core/job/expire-in-queue.ts'
import { statusHash } from '../../../lib/core/keys.ts'
import { changeJob } from '../../../lib/jobs/change-job.ts'
import type { StoredJob } from '../../../lib/jobs/job-row.ts'
import { notifyEnd } from '../../../lib/jobs/notify-end.ts'
import { type Nominated, readNominated } from '../read-nominated.ts'
import type { ScalerDeps } from '../scaler-deps.ts'
import type { SweepContext } from './sweep-context.ts'

const ROWS_BEYOND = 200

export interface Expired {
  readonly expired: number
  readonly expiryAfter?: string
}

/**
 * Ends jobs that waited longer than `limits.queueSeconds` for their first attempt. It goes through
 * the queued rows that the look has read, and page by page, look by look, through those beyond.
 */
export async function expireQueued(context: SweepContext): Promise<Expired> {
  const { deps, sensed, memory, steps, budget } = context
  if (!sensed.queued.seen) return keepPlace(memory.expiryAfter)
  const beyond = await readBeyond(deps, sensed.queued.value, memory.expiryAfter)
  const nowMs = deps.clock.now()
  const due = [...sensed.queued.value.jobs, ...beyond.jobs]
  let expired = 0
  for (const stored of due.filter(({ job }) => isExpiredInQueue(job, nowMs))) {
    if (budget.isSpent()) break
    await steps.run('expire', async () => {
      if (await expire(deps, stored)) expired += 1
    })
  }
  return { expired, ...(beyond.next !== undefined && { expiryAfter: beyond.next }) }
}

function keepPlace(after: string | undefined): Expired {
  return { expired: 0, ...(after !== undefined && { expiryAfter: after }) }
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

async function expire(deps: ScalerDeps, known: StoredJob): Promise<boolean> {
  const target = { id: known.job.id, known }
  const ended = await changeJob(deps.table, target, (job) => expireInQueue(job, deps.clock.now()))
  if (!ended.ok) return false
  await notifyEnd(deps, ended.stored)
  return true
}
