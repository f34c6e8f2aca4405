/**
 * One claimed attempt from its claim to its end: run → store logs and files → finish → notify.
 *
 * The lease is renewed from the first line to the last. Once it is lost nothing more is written:
 * another attempt may hold the job.
 */
import { attemptPrefix } from '../../lib/job/keys.ts'
import { TASK_TYPE_FACTS } from '../../lib/job/task-types.ts'
import { JobLog } from '../logs/job-log.ts'
import { QueueShipper } from '../logs/queue-shipper.ts'
import type { ClaimedJob } from '../loop/claim.ts'
import type { RunningWorker } from '../loop/running-worker.ts'
import { attemptFolder, makeFolder, removeFolder } from './attempt-folder.ts'
import type { Attempt, RunResult } from './attempt.ts'
import { describeFault } from '../../lib/registry/system-faults.ts'
import { finishJob, giveBackJob } from './finish-job.ts'
import { RunControl } from './run-control.ts'
import type { TaskType } from '../../lib/job/job.ts'
import { runCommand } from '../command/command.ts'
import { runQuery } from '../query/query.ts'

/** Resolves when nothing of the attempt runs any more. What it throws is a fault of this worker. */
type Runner = (attempt: Attempt) => Promise<RunResult>

/** A further task type is a folder of the worker, a line here, and its facts in `lib/job/task-types.ts`. */
const RUNNERS: Readonly<Record<TaskType, Runner>> = { command: runCommand, query: runQuery }

/** For logs of an attempt that was stopped in a hurry. */
const HURRIED_CLOSE_MS = 5000

/** `fault`: this worker could not do its part, and should not take the next job at once. */
export type RunEnd = 'ran' | 'fault'

/** Never rejects: what goes wrong is logged, and the reaper decides about the job. */
export async function runJob(worker: RunningWorker, claimed: ClaimedJob): Promise<RunEnd> {
  const attempt = openAttempt(worker, claimed)
  const { job, lease, control, log } = attempt
  const { id: jobId, attempt: number, taskType, startedAt = '', limits } = job
  const removeFromActive = worker.active.add({
    shown: { jobId, attempt: number, taskType, startedAt },
    control,
    graceMs: limits.graceSeconds * 1000,
  })
  try {
    return await runInFolder(attempt).catch((error: unknown) => loseJob(attempt, error))
  } catch (error) {
    log.error('attempt left to the reaper', { error: String(error) })
    return 'fault'
  } finally {
    lease.end()
    control.close()
    removeFromActive()
  }
}

function openAttempt(worker: RunningWorker, { stored, sentAtMs }: ClaimedJob): Attempt {
  const { deps, leases, folder } = worker
  const { job } = stored
  const prefix = attemptPrefix(job.id, job.attempt)
  const log = deps.log.with({ jobId: job.id, attempt: job.attempt })
  const control = new RunControl()
  const lease = leases.watch(stored, sentAtMs)
  const graceMs = job.limits.graceSeconds * 1000
  lease.on('cancel-requested', () => control.stop({ why: 'canceled', graceMs }))
  lease.on('not-holder', () => control.stop({ why: 'lost', graceMs: 0 }))
  const jobLog = openJobLog(worker, { job, prefix, lease, log })
  control.onStop(() => {
    if (control.isLost) jobLog.abandon()
  })
  const paths = attemptFolder(folder, job)
  return { worker, deps, job, prefix, folder: paths, lease, control, jobLog, log }
}

function openJobLog(
  { deps }: RunningWorker,
  { job, prefix, lease, log }: Pick<Attempt, 'job' | 'prefix' | 'lease' | 'log'>,
): JobLog {
  const shared = { ...deps, log }
  return new JobLog({
    ...shared,
    prefix,
    ...(job.logToQueue && { queue: new QueueShipper({ ...shared, job }) }),
    onReport: (report) => lease.report(report),
  })
}

async function runInFolder(attempt: Attempt): Promise<RunEnd> {
  const { job, folder, jobLog, lease, control, log } = attempt
  try {
    await makeFolder(folder.root)
    log.info('attempt started', { taskType: job.taskType })
    const result = await run(attempt)
    await conclude(attempt, result)
    return result.kind === 'fault' && !control.isLost ? 'fault' : 'ran'
  } finally {
    await jobLog.close(Math.min(lease.leftMs, HURRIED_CLOSE_MS))
    await removeFolder(folder.root)
  }
}

async function run(attempt: Attempt): Promise<RunResult> {
  try {
    return await RUNNERS[attempt.job.taskType](attempt)
  } catch (error) {
    attempt.log.error('attempt failed inside the worker', { error: String(error) })
    return { kind: 'fault', message: describeFault(error) }
  }
}

async function conclude(attempt: Attempt, result: RunResult): Promise<void> {
  const { control, job, jobLog, lease, log } = attempt
  if (control.isLost) {
    log.warn('attempt lost; outcome discarded')
    return
  }
  if (result.kind !== 'outcome') {
    const end = result.kind === 'released' ? toRelease(result.why) : toLoss(result.message)
    jobLog.system(`${end.message}; the job was given back`)
    await jobLog.close(Math.min(lease.leftMs, HURRIED_CLOSE_MS))
    await giveBackJob(attempt, end)
    return
  }
  const { status, end } = result.outcome
  // A log file for that line alone would cost more than the query itself.
  const saysAll = status === 'succeeded' && !TASK_TYPE_FACTS[job.taskType].runsProcesses
  if (!saysAll) jobLog.system(`${status}: ${end.message}`)
  const logs = await jobLog.close(lease.leftMs)
  await finishJob(attempt, { ...result.outcome, logs })
}

/** A fault on the way (a full disk, for example). Refused where the attempt has its end already. */
async function loseJob(attempt: Attempt, error: unknown): Promise<RunEnd> {
  const { control, log } = attempt
  if (control.isLost) {
    log.warn('attempt lost; outcome discarded')
    return 'ran'
  }
  log.error('attempt failed inside the worker', { error: String(error) })
  await giveBackJob(attempt, toLoss(describeFault(error)))
  return 'fault'
}

type GivenBack = Parameters<typeof giveBackJob>[1]

function toRelease(message: string): GivenBack {
  return { reason: 'released', message }
}

function toLoss(message: string): GivenBack {
  return { reason: 'worker-lost', message: `a fault of the worker: ${message}` }
}
