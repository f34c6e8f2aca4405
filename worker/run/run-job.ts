/**
 * One claimed attempt from its claim to its end: run → keep logs and artifacts → finish → notify.
 *
 * The lease is kept from the first line to the last. Once it is lost nothing more is written: what
 * this attempt came to belongs to nobody.
 */
import { attemptPrefix } from '../../lib/job/keys.ts'
import type { JobUser } from '../../lib/service/service.ts'
import type { StoredJob } from '../../lib/job/store/job-row.ts'
import { keepArtifacts } from './artifacts.ts'
import { makeAttemptFolder, removeFolder } from './attempt-folder.ts'
import { describeFault } from './describe-fault.ts'
import { finishJob, giveBackJob } from './finish-job.ts'
import { JobLog } from '../logs/job-log.ts'
import { QueueShipper } from '../logs/queue-shipper.ts'
import type { RunContext, RunResult } from './run-context.ts'
import { RunControl } from './run-control.ts'
import { runCommand } from '../command/command.ts'
import { runQuery } from '../query/query.ts'
import type { WorkerParts } from '../loop/worker-parts.ts'

/** For logs of an attempt that was stopped in a hurry. */
const HURRIED_CLOSE_MS = 5000

/** `fault`: this worker could not do its part, and should not take the next job at once. */
export type Ran = 'ran' | 'fault'

/** Never rejects: what goes wrong is logged, and the reaper decides about the job. */
export async function runJob(
  parts: WorkerParts,
  claimed: { readonly stored: StoredJob; readonly sentAtMs: number },
): Promise<Ran> {
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
    return await runWithFolder(parts, started).catch((error: unknown) => loseJob(started, error))
  } catch (error) {
    log.error('attempt left to the reaper', { error: String(error) })
    return 'fault'
  } finally {
    lease.end()
    control.close()
    remove()
  }
}

type Started = Pick<RunContext, 'deps' | 'job' | 'lease' | 'control' | 'log'>

/** A fault on the way (a full disk, for example). Refused where the attempt has its end already. */
async function loseJob(started: Started, error: unknown): Promise<Ran> {
  started.log.error('attempt failed inside the worker', { error: String(error) })
  if (!started.control.isLost) await giveBackJob(started, toLoss(describeFault(error)))
  return 'fault'
}

function toLoss(message: string): Parameters<typeof giveBackJob>[1] {
  return { reason: 'worker-lost', message: `a fault of the worker: ${message}` }
}

async function runWithFolder(parts: WorkerParts, started: Started): Promise<Ran> {
  const user = started.job.taskType === 'command' ? parts.users.take() : undefined
  try {
    return await runAsUser(parts, started, user)
  } finally {
    parts.users.giveBack(user)
  }
}

async function runAsUser(
  parts: WorkerParts,
  started: Started,
  user: JobUser | undefined,
): Promise<Ran> {
  const { job, lease, log } = started
  const prefix = attemptPrefix(job.id, job.attempt)
  const folder = await makeAttemptFolder(parts.folder, {
    name: `${job.id}-${job.attempt}`,
    taskType: job.taskType,
    user,
  })
  const jobLog = openJobLog(started, prefix)
  const { guards, credentials } = parts
  const shared = { ...started, prefix, folder, jobLog, guards, credentials }
  const context: RunContext = { ...shared, ...(user !== undefined && { user }) }
  log.info('attempt started', { taskType: job.taskType })
  try {
    const result = await run(parts, context)
    await conclude(context, result)
    return result.kind === 'fault' ? 'fault' : 'ran'
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

async function run({ onRefused }: WorkerParts, context: RunContext): Promise<RunResult> {
  const { job, log } = context
  try {
    if (job.taskType === 'command') return await runCommand(context)
    return await runQuery(context, onRefused)
  } catch (error) {
    log.error('attempt failed inside the worker', { error: String(error) })
    return { kind: 'fault', message: describeFault(error) }
  }
}

async function conclude(context: RunContext, result: RunResult): Promise<void> {
  const { control, job, jobLog, lease, log, prefix } = context
  if (control.isLost) {
    log.warn('attempt lost; outcome discarded')
    return
  }
  if (result.kind !== 'outcome') {
    const isRelease = result.kind === 'released'
    const end = isRelease ? toRelease(result.why) : toLoss(result.message)
    jobLog.system(`${end.message}; the job was given back`)
    await jobLog.close(Math.min(lease.leftMs, HURRIED_CLOSE_MS))
    await giveBackJob(context, end, jobLog.report())
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

function toRelease(message: string): Parameters<typeof giveBackJob>[1] {
  return { reason: 'released', message }
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
    const message = `the artifacts could not be stored: ${describeFault(error)}`
    const end = { ...outcome.end, reason: 'artifacts-failed', message } as const
    return { ...outcome, status: 'failed', end, retryable: true }
  }
}
