import { finish, type AttemptOutcome } from '../lib/core/job/finish.ts'
import type { Change, Job } from '../lib/core/job/job.ts'
import { lose } from '../lib/core/job/lose.ts'
import { changeJob } from '../lib/jobs/change-job.ts'
import { retryWhileHeld } from './retry-while-held.ts'
import type { RunContext } from './run-context.ts'
import { tellEnd, tellNext } from './tell-next.ts'

/**
 * Writes how the attempt ended. A store that is away is tried for a whole lease, then the sweep
 * decides; who no longer holds the job discards its outcome.
 */
export async function finishJob(context: RunContext, outcome: AttemptOutcome): Promise<void> {
  const { deps, job } = context
  const holder = { workerId: deps.workerId, attempt: job.attempt }
  await write(context, (now) => finish(now, { holder, outcome }, deps.clock.now()))
}

/** Gives the job back, so that its next attempt starts at once; this costs it nothing. */
export async function releaseJob(context: RunContext): Promise<void> {
  const { deps, job } = context
  const seen = { workerId: deps.workerId, attempt: job.attempt }
  const end = { reason: 'released', message: 'the worker was stopped' } as const
  await write(context, (now) => lose(now, { seen, end }, deps.clock.now()))
}

async function write(
  context: RunContext,
  transition: (job: Job) => Change<'not-holder' | 'stale'>,
): Promise<void> {
  const { deps, job, log } = context
  const written = await retryWhileHeld(context, () =>
    changeJob(deps.table, { id: job.id }, transition),
  )
  if (!written.ok) {
    log.warn('outcome discarded', { why: written.why })
    return
  }
  const { stored } = written
  log.info('attempt ended', { status: stored.job.status, reason: lastReason(stored.job) })
  if (stored.job.status === 'queued') await tellNext(deps, stored)
  else await tellEnd(deps, stored)
}

function lastReason(job: Job): string | undefined {
  return job.attempts.at(-1)?.reason
}
