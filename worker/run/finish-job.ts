import { type AttemptOutcome, finish, lose } from '../../lib/job/life/attempt-end.ts'
import { beat } from '../../lib/job/life/attempt.ts'
import { type Change, type Job, isEnded } from '../../lib/job/job.ts'
import { changeJob } from '../../lib/job/store/change-job.ts'
import { retryWhileHeld } from './retry-while-held.ts'
import type { Attempt } from './attempt.ts'
import type { StoredJob } from '../../lib/job/store/job-row.ts'
import { sendEnd } from '../../lib/job/store/send-end.ts'
import { sendReady } from '../../lib/job/store/send-ready.ts'
import type { WorkerDeps } from '../loop/worker-deps.ts'

/**
 * Writes how the attempt ended. A store that is away is tried for a whole lease, then the reaper
 * decides. A worker that no longer holds the job discards the outcome.
 */
export async function finishJob(
  attempt: Attempt,
  ending: Omit<AttemptOutcome, 'prefix'>,
): Promise<void> {
  const { deps, job, prefix } = attempt
  const holder = { workerId: deps.workerId, attempt: job.attempt }
  const outcome = { ...ending, prefix }
  await write(attempt, (now) => finish(now, { holder, outcome }, deps.clock.now()))
}

/**
 * Gives the job back, so that its next attempt starts at once. `released` costs it nothing,
 * `worker-lost` (a fault of this worker) a part of its loss budget.
 */
export async function giveBackJob(
  attempt: Attempt,
  end: { readonly reason: 'released' | 'worker-lost'; readonly message: string },
): Promise<void> {
  const { deps, job } = attempt
  const seen = { workerId: deps.workerId, attempt: job.attempt }
  await write(attempt, (now) => lose(now, { seen, end }, deps.clock.now()))
}

async function write(
  attempt: Attempt,
  transition: (job: Job) => Change<'not-holder' | 'stale'>,
): Promise<void> {
  const { deps, job, jobLog, log } = attempt
  const holder = { workerId: deps.workerId, attempt: job.attempt }
  const written = await retryWhileHeld(attempt, () =>
    changeJob(deps.table, { id: job.id }, (now) => {
      // What no beat has carried yet: the last progress line comes just before the end.
      const reported = beat(now, holder, jobLog.report())
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

/**
 * Sends the message that follows from the row as this worker wrote it: the end message of an ended
 * job; the ready message of a queued one, where it is due already, so that it does not wait for the
 * reaper. Never throws: the reaper repeats what failed.
 */
export async function sendNext(deps: WorkerDeps, stored: StoredJob): Promise<void> {
  const { id, status } = stored.job
  try {
    if (isEnded(status)) await sendEnd(deps, stored)
    else if (await sendReady(deps, stored)) await deps.kick.kick()
  } catch (error) {
    deps.log.warn('message not sent', { jobId: id, status, error: String(error) })
  }
}
