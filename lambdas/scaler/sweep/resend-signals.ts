import { moveSignal } from '../../../lib/core/job/move-signal.ts'
import { toTimestamp } from '../../../lib/core/job/job.ts'
import { dueHash } from '../../../lib/core/keys.ts'
import { changeJob } from '../../../lib/jobs/change-job.ts'
import type { StoredJob } from '../../../lib/jobs/job-row.ts'
import { sendSignal } from '../../../lib/jobs/send-signal.ts'
import { readNominated } from '../read-nominated.ts'
import type { ScalerDeps } from '../scaler-deps.ts'
import type { SweepContext } from './sweep-context.ts'

const MAX_ROWS = 100

/**
 * Queued and past `signalAt`: sends the message again. Skipped where this look saw that nothing is
 * queued at all.
 */
export async function resendSignals(context: SweepContext): Promise<number> {
  const { deps, sensed, steps, budget } = context
  const { queued } = sensed
  if (queued.seen && queued.value.jobs.length === 0 && queued.value.next === undefined) return 0
  const { jobs } = await readNominated(deps.table, {
    index: 'byDue',
    hash: dueHash('signal'),
    upTo: dueUpTo(deps.clock.now()),
    limit: MAX_ROWS,
  })
  let resent = 0
  for (const stored of jobs) {
    if (budget.isSpent()) break
    await steps.run('resend signal', async () => {
      if (await signalAgain(deps, stored)) resent += 1
    })
  }
  return resent
}

/**
 * Moves `signalAt`, then sends: a crash in between costs one waiting time, never the job. A job that
 * was claimed or ended meanwhile is left alone.
 */
export async function signalAgain(
  { table, queues, clock }: ScalerDeps,
  known: StoredJob,
): Promise<boolean> {
  const target = { id: known.job.id, known }
  const moved = await changeJob(table, target, (job) => moveSignal(job, clock.now()))
  if (!moved.ok) return false
  await sendSignal(queues, moved.stored.job)
  return true
}

/** Ranges of due rows are `time#id`; this one is after every id of its millisecond. */
export function dueUpTo(ms: number): string {
  return `${toTimestamp(ms)}#~`
}
