import { postponeReady } from '../../job/life/delivery.ts'
import { changeJob } from '../../job/store/change-job.ts'
import type { StoredJob } from '../../job/store/job-row.ts'
import { sendReady } from '../../job/store/send-ready.ts'
import { type Job, toTimestamp } from '../../job/job.ts'
import { dueHash } from '../../job/keys.ts'
import { readNominated } from '../read-nominated.ts'
import type { ScalerDeps } from '../look/scaler-deps.ts'
import { findReached, type Reached } from './find-reached.ts'
import { forEachJob } from './for-each-job.ts'
import type { ReaperContext } from './reaper-context.ts'

const MAX_ROWS = 500

/**
 * Queued and past `readyAt`: sends the message again, or, where it most likely still stands in a
 * deep queue, only moves the time. Skipped where this look saw that nothing is queued at all.
 */
export async function resendReady(context: ReaperContext): Promise<number> {
  const { deps, sensed } = context
  const { queued } = sensed
  if (queued.seen && queued.value.jobs.length === 0 && queued.value.next === undefined) return 0
  const { jobs } = await readNominated(deps.table, {
    index: 'byDue',
    hash: dueHash('signal'),
    upTo: dueUpTo(deps.clock.now()),
    limit: MAX_ROWS,
  })
  if (jobs.length === 0) return 0
  const reached = await findReached(context)
  let resent = 0
  const resend = async (stored: StoredJob) => {
    if (waitsInLine(stored.job, reached)) await postpone(deps, stored)
    else if (await sendReady(deps, stored)) resent += 1
  }
  await forEachJob(context, jobs, ['resend ready message', resend])
  return resent
}

/** Whether its first message was sent and nobody has got as far as this job yet. */
function waitsInLine({ id, taskType, attempt, readySent }: Job, reached: Reached): boolean {
  const newest = reached[taskType]
  return attempt === 0 && readySent > 0 && newest !== undefined && id > newest
}

async function postpone({ table, clock }: ScalerDeps, known: StoredJob): Promise<void> {
  await changeJob(table, { id: known.job.id, known }, (job) => postponeReady(job, clock.now()))
}

/** Ranges of due rows are `time#id`; this one is after every id of its millisecond. */
export function dueUpTo(ms: number): string {
  return `${toTimestamp(ms)}#~`
}
