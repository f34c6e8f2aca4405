/**
 * One claimed attempt from its claim to its end: run → keep logs and artifacts → finish → notify.
 *
 * The lease is kept from the first line to the last. Once it is lost nothing more is written: what
 * this attempt came to belongs to nobody.
 */
import { attemptPrefix } from '../lib/core/keys.ts'
import type { StoredJob } from '../lib/jobs/job-row.ts'
import { PortUnavailable } from '../lib/ports/port-unavailable.ts'
import { keepArtifacts } from './artifacts.ts'
import { makeAttemptFolder, removeFolder } from './attempt-folder.ts'
import { finishJob, releaseJob } from './finish-job.ts'
import { JobLog } from './logs/job-log.ts'
import { QueueShipper } from './logs/queue-shipper.ts'
import { failed, type RunContext, type RunResult } from './run-context.ts'
import { RunControl } from './run-control.ts'
import { runCommand } from './runners/command.ts'
import { runQuery } from './runners/query.ts'
import type { WorkerParts } from './worker-parts.ts'

/** For logs of an attempt that was stopped in a hurry. */
const HURRIED_CLOSE_MS = 5000

/** Never rejects: what goes wrong is logged, and the sweep decides about the job. */
export async function runJob(
  parts: WorkerParts,
  claimed: { readonly stored: StoredJob; readonly sentAtMs: number },
): Promise<void> {
  const { job } = claimed.stored
  const control = new RunControl()
  const graceMs = job.limits.graceSeconds * 1000
  const lease = parts.beats.watch(claimed.stored, claimed.sentAtMs)
  lease.on('cancel-requested', () => control.stop({ why: 'canceled', graceMs }))
  lease.on('not-holder', () => control.stop({ why: 'lost', graceMs: 0 }))
  const { id: jobId, attempt, taskType, startedAt = '' } = job
  const remove = parts.active.add({
    shown: { jobId, attempt, taskType, startedAt },
    control,
    graceMs,
  })
  const log = parts.deps.log.with({ jobId, attempt })
  const started: Started = { deps: parts.deps, job, lease, control, log }
  try {
    await runWithFolder(parts, started).catch((error: unknown) => failAttempt(started, error))
  } catch (error) {
    log.error('attempt left to the sweep', { error: String(error) })
  } finally {
    lease.end()
    control.close()
    remove()
  }
}

type Started = Pick<RunContext, 'deps' | 'job' | 'lease' | 'control' | 'log'>

/** A fault on the way (a full disk, for example). Refused where the attempt has its end already. */
async function failAttempt(started: Started, error: unknown): Promise<void> {
  const { job, log } = started
  log.error('attempt failed inside the worker', { error: String(error) })
  const end = { reason: 'internal', message: 'a fault of the worker' } as const
  const prefix = attemptPrefix(job.id, job.attempt)
  await finishJob(started, { status: 'failed', end, prefix, retryable: true })
}

async function runWithFolder(parts: WorkerParts, started: Started): Promise<void> {
  const { job, lease, log } = started
  const prefix = attemptPrefix(job.id, job.attempt)
  const folder = await makeAttemptFolder(parts.folder, {
    name: `${job.id}-${job.attempt}`,
    taskType: job.taskType,
  })
  const jobLog = openJobLog(started, prefix)
  const context: RunContext = { ...started, prefix, folder, jobLog, guards: parts.guards }
  log.info('attempt started', { taskType: job.taskType })
  try {
    await conclude(context, await run(context))
  } finally {
    await jobLog.close(Math.min(lease.leftMs, HURRIED_CLOSE_MS))
    await removeFolder(folder.root)
  }
}

function openJobLog({ deps, job, lease, log }: Started, prefix: string): JobLog {
  const { files, clock, queues } = deps
  return new JobLog({
    files,
    clock,
    log,
    prefix,
    ...(job.logToQueue && { queue: new QueueShipper({ queues, clock, log, job }) }),
    onReport: (report) => lease.report(report),
  })
}

async function run(context: RunContext): Promise<RunResult> {
  const { job, log } = context
  try {
    return job.taskType === 'command' ? await runCommand(context) : await runQuery(context)
  } catch (error) {
    log.error('attempt failed inside the worker', { error: String(error) })
    const what = error instanceof PortUnavailable ? error.message : 'a fault of the worker'
    return failed({ reason: 'internal', message: what }, true)
  }
}

async function conclude(context: RunContext, result: RunResult): Promise<void> {
  const { control, job, jobLog, lease, log, prefix } = context
  if (control.isLost) {
    log.warn('attempt lost; outcome discarded')
    return
  }
  if (result.kind === 'released') {
    jobLog.system('the worker was stopped and gave the job back')
    await jobLog.close(Math.min(lease.leftMs, HURRIED_CLOSE_MS))
    await releaseJob(context)
    return
  }
  const isCommand = job.taskType === 'command'
  const outcome = isCommand ? await addArtifacts(context, result.outcome) : result.outcome
  const { status, end } = outcome
  // An answered query says all of it in its result; a log file for each would cost more than it.
  if (isCommand || status !== 'succeeded') jobLog.system(`${status}: ${end.message}`)
  const logs = await jobLog.close(lease.leftMs)
  await finishJob(context, { ...outcome, prefix, logs }, jobLog.report())
}

type Outcome = Extract<RunResult, { kind: 'outcome' }>['outcome']

/** Also those of a failed attempt; a success whose files cannot be kept is none. */
async function addArtifacts(context: RunContext, outcome: Outcome): Promise<Outcome> {
  try {
    const artifacts = await keepArtifacts(context)
    return { ...outcome, ...(artifacts && { artifacts }) }
  } catch (error) {
    context.log.error('artifacts not kept', { error: String(error) })
    if (outcome.status !== 'succeeded') return outcome
    const end = {
      reason: 'artifacts-failed',
      message: 'the artifacts could not be stored',
    } as const
    return { ...outcome, status: 'failed', end, retryable: true }
  }
}
