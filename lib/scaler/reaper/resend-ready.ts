import { TASK_TYPES, type Job, type TaskType, toTimestamp } from '../../job/job.ts'
import { dueHash, statusHash } from '../../job/keys.ts'
import { postponeReady } from '../../job/life/delivery.ts'
import { changeJob } from '../../job/store/change-job.ts'
import type { StoredJob } from '../../job/store/job-row.ts'
import { sendReady } from '../../job/store/send-ready.ts'
import type { ScalerDeps } from '../look/scaler-deps.ts'
import { isEmpty, readJobs } from '../read-jobs.ts'
import { forEachJob, type ReaperContext, type ReaperStep } from './reaper-step.ts'

const MAX_ROWS = 500
const DEEP_QUEUE_MESSAGES = 1000
const ROWS_OF_NEWEST = 100

/**
 * Queued and past `readyAt`: sends the message again, or, where it most likely still stands in a
 * deep queue, only moves the time. Skipped where this look saw that nothing is queued at all.
 */
export const resendReady: ReaperStep<'ready-messages'> = {
  name: 'ready-messages',
  empty: {},
  takesHalf: true,
  async run(context) {
    const { deps, snapshot, steps } = context
    const { queued } = snapshot
    if (queued.seen && isEmpty(queued.value)) return {}
    const { jobs } = await readJobs(deps, {
      index: 'byDue',
      hash: dueHash('ready'),
      upTo: dueUpTo(deps.clock.now()),
      limit: MAX_ROWS,
    })
    if (jobs.length === 0) return {}
    const newest = await findNewestStarted(context)
    let resent = 0
    const resend = async (stored: StoredJob) => {
      if (waitsInLine(stored.job, newest)) await postpone(deps, stored)
      else if (await sendReady(deps, stored)) resent += 1
    }
    await forEachJob(steps, jobs, ['resend ready message', resend])
    return { report: { resent } }
  },
}

/** For each type whose queue is deep: the newest job of it that runs; empty where none does. */
type NewestStarted = Readonly<Partial<Record<TaskType, string>>>

/**
 * How far workers have got in deep queues. Queues hand out roughly in order, so the message of a job
 * that is newer than all running ones most likely still stands in the queue; sending another one
 * would make a long queue twice as long each time.
 *
 * A type whose queue is not deep is left out: there a lost message leaves a worker idle.
 */
async function findNewestStarted({ deps, snapshot }: ReaperContext): Promise<NewestStarted> {
  const { depth } = snapshot.observation
  if (!depth.seen) return {}
  const { command, query } = depth.value
  const { deepQueueMessages = DEEP_QUEUE_MESSAGES } = deps
  if (Math.max(command, query) < deepQueueMessages) return {}
  const { jobs, next } = await readJobs(deps, {
    index: 'byStatus',
    hash: statusHash('running'),
    newestFirst: true,
    limit: ROWS_OF_NEWEST,
  })
  const newestStarted: Partial<Record<TaskType, string>> = {}
  for (const type of TASK_TYPES) {
    if (depth.value[type] < deepQueueMessages) continue
    const newest = jobs.find(({ job }) => job.taskType === type)?.job.id
    // Not among the newest: where more jobs run, one of this type may be further down.
    if (newest !== undefined || next === undefined) newestStarted[type] = newest ?? ''
  }
  return newestStarted
}

/** Whether its first message was sent and workers have not got as far as this job yet. */
function waitsInLine(
  { id, taskType, attempt, readySent }: Job,
  newestStarted: NewestStarted,
): boolean {
  const newest = newestStarted[taskType]
  return attempt === 0 && readySent > 0 && newest !== undefined && id > newest
}

async function postpone({ table, clock }: ScalerDeps, known: StoredJob): Promise<void> {
  await changeJob(table, { id: known.job.id, known }, (job) => postponeReady(job, clock.now()))
}

/** Ranges of due rows are `time#id`; this one is after every id of its millisecond. */
export function dueUpTo(ms: number): string {
  return `${toTimestamp(ms)}#~`
}
