import { moveSignal } from '../../../lib/core/job/move-signal.ts'
import { type Job, toTimestamp } from '../../../lib/core/job/job.ts'
import { dueHash } from '../../../lib/core/keys.ts'
import { changeJob } from '../../../lib/jobs/change-job.ts'
import type { StoredJob } from '../../../lib/jobs/job-row.ts'
import { signalNext } from '../../../lib/jobs/signal-next.ts'
import { readNominated } from '../read-nominated.ts'
import type { ScalerDeps } from '../scaler-deps.ts'
import { findReached, type Reached } from './find-reached.ts'
import { forEachJob } from './for-each-job.ts'
import type { SweepContext } from './sweep-context.ts'

const MAX_ROWS = 500

/**
 * Queued and past `signalAt`: sends the message again, or, where it most likely still stands in a
 * deep queue, only moves the time. Skipped where this look saw that nothing is queued at all.
 */
export async function resendSignals(context: SweepContext): Promise<number> {
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
    if (waitsInLine(stored.job, reached)) await postponeSignal(deps, stored)
    else if (await signalNext(deps, stored)) resent += 1
  }
  await forEachJob(context, jobs, ['resend signal', resend])
  return resent
}

/** Whether its first message was sent and nobody has got as far as this job yet. */
function waitsInLine({ id, taskType, attempt, signalsSent }: Job, reached: Reached): boolean {
  const newest = reached[taskType]
  return attempt === 0 && signalsSent > 0 && newest !== undefined && id > newest
}

async function postponeSignal({ table, clock }: ScalerDeps, known: StoredJob): Promise<void> {
  await changeJob(table, { id: known.job.id, known }, (job) => moveSignal(job, clock.now()))
}

/** Ranges of due rows are `time#id`; this one is after every id of its millisecond. */
export function dueUpTo(ms: number): string {
  return `${toTimestamp(ms)}#~`
}
