import { endUnserved, expireInQueue, isExpiredInQueue } from '../../job/life/ending.ts'
import { changeJob } from '../../job/store/change-job.ts'
import type { StoredJob } from '../../job/store/job-row.ts'
import { sendEnd } from '../../job/store/send-end.ts'
import type { Change, Job } from '../../job/job.ts'
import { statusHash } from '../../job/keys.ts'
import { type Nominated, readNominated } from '../read-nominated.ts'
import type { ScalerDeps } from '../look/scaler-deps.ts'
import type { Unserved } from './find-unserved.ts'
import { forEachJob } from './for-each-job.ts'
import type { ReaperContext } from './reaper-context.ts'

const ROWS_BEYOND = 200

export interface QueuedEnded {
  readonly expired: number
  readonly unserved: number
  readonly expiryAfter?: string
  /** Their end messages are still to be sent. */
  readonly ended: readonly StoredJob[]
}

/**
 * Ends queued jobs that will not start: those that waited longer than `limits.queueSeconds` for
 * their first attempt, and those of a type that nobody takes. It goes through the queued rows that
 * the look has read, and page by page, look by look, through those beyond.
 *
 * @param unserved absent where this look could not tell: then nobody's type ends a job
 */
export async function endQueued(
  context: ReaperContext,
  unserved: Unserved | undefined,
): Promise<QueuedEnded> {
  const { deps, sensed, memory } = context
  const counts = { expired: 0, unserved: 0 }
  const ended: StoredJob[] = []
  if (!sensed.queued.seen) return { ...counts, ended, ...placeAt(memory.expiryAfter) }
  const beyond = await readBeyond(deps, sensed.queued.value, memory.expiryAfter)
  const nowMs = deps.clock.now()
  const whyOf = ({ job }: StoredJob) => whyOver(job, { unserved, nowMs })
  const endOne = async (stored: StoredJob) => {
    const why = whyOf(stored)
    const done = why && (await end(deps, stored, why))
    if (!why || !done) return
    counts[why] += 1
    ended.push(done)
  }
  const over = [...sensed.queued.value.jobs, ...beyond.jobs].filter(whyOf)
  await forEachJob(context, over, ['end queued', endOne])
  return { ...counts, ended, ...placeAt(beyond.next) }
}

/**
 * Sends their end messages. Last of all, and not where the jobs end: a queue that does not answer must
 * not stop jobs from ending. What is not sent here is sent by a later look.
 */
export async function sendEnds(
  context: ReaperContext,
  { ended }: Pick<QueuedEnded, 'ended'>,
): Promise<void> {
  await forEachJob(context, ended, ['send end', (stored) => sendEnd(context.deps, stored)])
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

async function end(deps: ScalerDeps, known: StoredJob, why: Over): Promise<StoredJob | undefined> {
  const target = { id: known.job.id, known }
  const ended = await changeJob(deps.table, target, (job) =>
    TRANSITIONS[why](job, deps.clock.now()),
  )
  if (!ended.ok) return undefined
  if (why === 'unserved') {
    const { id: jobId, taskType } = known.job
    deps.log.warn('job ended: nobody takes its type', { jobId, taskType })
  }
  return ended.stored
}
