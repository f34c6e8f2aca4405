import type { Change, Job } from '../../job/job.ts'
import { statusHash } from '../../job/keys.ts'
import { endUnserved, expireInQueue, isExpiredInQueue } from '../../job/life/ending.ts'
import { changeJob } from '../../job/store/change-job.ts'
import type { StoredJob } from '../../job/store/job-row.ts'
import type { ScalerDeps } from '../look/scaler-deps.ts'
import { type JobPage, readJobs } from '../read-jobs.ts'
import { forEachJob, type ReaperStep, type UnclaimedTypes } from './reaper-step.ts'

const ROWS_BEYOND = 200

interface QueueMemory {
  /** Where to go on beyond the queued rows that each look reads anyway; absent: at the first. */
  readonly after?: string
}

/**
 * Ends queued jobs that will not start: those that waited longer than `limits.queueSeconds` for
 * their first attempt, and those of a type that nobody takes (where this look could tell). It goes
 * through the queued rows that the look has read, and page by page, look by look, through those
 * beyond.
 */
export const endQueuedJobs: ReaperStep<'queued-jobs', QueueMemory> = {
  name: 'queued-jobs',
  empty: {},
  takesHalf: true,
  async run({ deps, snapshot, steps, findings }, { after }) {
    const { queued } = snapshot
    if (!queued.seen) return {}
    const beyond = await readBeyond(deps, queued.value, after)
    const nowMs = deps.clock.now()
    const whyOf = ({ job }: StoredJob) => whyEnd(job, findings.unclaimed, nowMs)
    const counts = { expired: 0, notServed: 0 }
    const ended: StoredJob[] = []
    const endOne = async (stored: StoredJob) => {
      const why = whyOf(stored)
      const done = why && (await end(deps, stored, why))
      if (!why || !done) return
      counts[why] += 1
      ended.push(done)
    }
    const over = [...queued.value.jobs, ...beyond.jobs].filter(whyOf)
    await forEachJob(steps, over, ['end queued job', endOne])
    return {
      memory: beyond.next === undefined ? {} : { after: beyond.next },
      report: counts,
      findings: { ended },
    }
  },
}

type QueueEnd = 'expired' | 'notServed'

const TRANSITIONS: Readonly<Record<QueueEnd, (job: Job, nowMs: number) => Change<string>>> = {
  expired: expireInQueue,
  notServed: endUnserved,
}

/** A job that was queued only lately has a grace of its own: a worker of its type may come back. */
function whyEnd(
  job: Job,
  unclaimed: UnclaimedTypes | undefined,
  nowMs: number,
): QueueEnd | undefined {
  if (isExpiredInQueue(job, nowMs)) return 'expired'
  if (job.status !== 'queued' || unclaimed?.types.has(job.taskType) !== true) return undefined
  return nowMs - Date.parse(job.queuedAt) >= unclaimed.graceMs ? 'notServed' : undefined
}

async function readBeyond(
  deps: ScalerDeps,
  { next }: JobPage,
  after: string | undefined,
): Promise<JobPage> {
  if (next === undefined) return { jobs: [], isWhole: true }
  return readJobs(deps, {
    index: 'byStatus',
    hash: statusHash('queued'),
    after: after ?? next,
    limit: ROWS_BEYOND,
  })
}

async function end(
  deps: ScalerDeps,
  known: StoredJob,
  why: QueueEnd,
): Promise<StoredJob | undefined> {
  const target = { id: known.job.id, known }
  const ended = await changeJob(deps.table, target, (job) =>
    TRANSITIONS[why](job, deps.clock.now()),
  )
  if (!ended.ok) return undefined
  if (why === 'notServed') {
    const { id: jobId, taskType } = known.job
    deps.log.warn('job ended: nobody takes its type', { jobId, taskType })
  }
  return ended.stored
}
