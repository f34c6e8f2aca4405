import { type AttemptOutcome, finish, lose } from '../../lib/job/life/attempt-end.ts'
import { type BeatReport, beat } from '../../lib/job/life/attempt.ts'
import { changeJob } from '../../lib/job/store/change-job.ts'
import type { Change, Job } from '../../lib/job/job.ts'
import { retryWhileHeld } from './retry-while-held.ts'
import type { RunContext } from './run-context.ts'
import { sendNext } from './send-next.ts'

type FinishContext = Pick<RunContext, 'deps' | 'job' | 'lease' | 'control' | 'log'>

/**
 * Writes how the attempt ended. A store that is away is tried for a whole lease, then the reaper
 * decides; who no longer holds the job discards its outcome.
 *
 * @param report what no beat has carried yet: the last progress line comes just before the end
 */
export async function finishJob(
  context: FinishContext,
  outcome: AttemptOutcome,
  report: BeatReport = {},
): Promise<void> {
  const { deps, job } = context
  const holder = { workerId: deps.workerId, attempt: job.attempt }
  await write(context, report, (now) => finish(now, { holder, outcome }, deps.clock.now()))
}

/**
 * Gives the job back, so that its next attempt starts at once. `released` costs it nothing,
 * `worker-lost` (a fault of this worker) a part of its loss budget.
 *
 * @param report what no beat has carried yet
 */
export async function giveBackJob(
  context: FinishContext,
  end: { readonly reason: 'released' | 'worker-lost'; readonly message: string },
  report: BeatReport = {},
): Promise<void> {
  const { deps, job } = context
  const seen = { workerId: deps.workerId, attempt: job.attempt }
  await write(context, report, (now) => lose(now, { seen, end }, deps.clock.now()))
}

async function write(
  context: FinishContext,
  report: BeatReport,
  transition: (job: Job) => Change<'not-holder' | 'stale'>,
): Promise<void> {
  const { deps, job, log } = context
  const holder = { workerId: deps.workerId, attempt: job.attempt }
  const written = await retryWhileHeld(context, () =>
    changeJob(deps.table, { id: job.id }, (now) => {
      const reported = beat(now, holder, report)
      return reported.ok ? transition(reported.job) : reported
    }),
  )
  if (!written.ok) {
    log.warn('outcome discarded', { why: written.why })
    return
  }
  const { stored } = written
  log.info('attempt ended', { status: stored.job.status, reason: lastReason(stored.job) })
  await sendNext(deps, stored)
}

function lastReason(job: Job): string | undefined {
  return job.attempts.at(-1)?.reason
}
