import { readFile } from 'node:fs/promises'
import { findCommandMistake } from '../../lib/job/command-text.ts'
import type { GuardEnd } from '../../lib/processes/start-guard.ts'
import type { JobUser } from '../../lib/service/service.ts'
import { CheckpointSync } from '../checkpoints/checkpoint-sync.ts'
import { restoreCheckpoint } from '../checkpoints/restore-checkpoint.ts'
import { type Attempt, describeOrder, failed, type RunResult } from '../run/attempt.ts'
import { fetchInput } from '../run/fetch-input.ts'
import { limitRunTime, type StopOrder } from '../run/run-control.ts'
import { giveToUser, makeCommandFolders } from './command-folders.ts'
import { makeJobEnv } from './job-env.ts'
import { storeArtifacts } from './store-artifacts.ts'
import { constants } from 'node:os'
import type { Job } from '../../lib/job/job.ts'
import type { GoneReport } from '../../lib/processes/guard-protocol.ts'

const SHELL = '/bin/sh'
/** Linux takes at most 128 KiB in one argument; longer texts are run from their file. */
const MAX_ARGUMENT_BYTES = 120_000
/** Canceled, drained or lost while the start was being prepared. */
const NOT_STARTED: GuardEnd = {
  is: 'gone',
  cause: 'stop',
  exitCode: null,
  signal: null,
  hadLeftovers: false,
}

/**
 * Runs a command job: its input is shell text, run by `/bin/sh` in an empty working folder, in a
 * process group (and session) of its own that a guard watches. What it leaves in its artifacts
 * folder is stored once nothing of it runs any more.
 */
export async function runCommand(attempt: Attempt): Promise<RunResult> {
  const { worker, deps, job, folder, control } = attempt
  if (!(await fetchInput(attempt))) {
    return failed({ reason: 'bad-input', message: 'the command text is no longer stored' }, false)
  }
  const text = await readFile(folder.inputFile)
  const mistake = findCommandMistake(text)
  if (mistake !== undefined) {
    return failed({ reason: 'bad-input', message: `the command ${mistake}` }, false)
  }
  const grant = await worker.credentials.open({ kind: 'job', jobId: job.id, attempt: job.attempt })
  // Given back before the attempt's folder goes: only the next job of this slot can get this user.
  const user = worker.users.take()
  try {
    await makeCommandFolders(folder, user)
    const checkpoints = new CheckpointSync(attempt, await restoreCheckpoint(attempt))
    if (user !== undefined) await giveToUser(folder, user)
    const home = user === undefined ? {} : { HOME: folder.homeDir }
    const env = makeJobEnv({ ...deps, home, credentialEnv: grant.env }, job, folder)
    const args = toShellArgs(text, folder.inputFile)
    const end = await runInGuard(attempt, { args, env, user, checkpoints })
    const result = describeEnd(job, end, control.order)
    await checkpoints.finish(result)
    return await storeArtifacts(attempt, result)
  } finally {
    worker.users.giveBack(user)
    grant.close()
  }
}

function toShellArgs(text: Buffer, file: string): string[] {
  return text.length <= MAX_ARGUMENT_BYTES ? ['-c', text.toString('utf8')] : [file]
}

interface CommandRun {
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
  readonly user: JobUser | undefined
  readonly checkpoints: CheckpointSync
}

async function runInGuard(attempt: Attempt, run: CommandRun): Promise<GuardEnd> {
  const { worker, job, folder, lease, control, jobLog } = attempt
  const { args, env, user, checkpoints } = run
  const guard = await worker.guards.take()
  const follow = (untilMs: number): void => guard.beat(untilMs)
  try {
    // A worker that stood still meanwhile may have been given up: another attempt may run by now.
    if (lease.isOver) control.stop({ why: 'lost', graceMs: 0 })
    if (control.order !== undefined) return NOT_STARTED
    const reading = jobLog.read(guard.stdout, guard.stderr)
    const as = user === undefined ? {} : { user }
    guard.run({ file: SHELL, args, cwd: folder.workDir, env, ...as, leaseUntilMs: lease.untilMs })
    lease.on('renewed', follow)
    control.onStop((order) => guard.stop(order.graceMs))
    const limit = limitRunTime(control, job.limits)
    checkpoints.start()
    const end = await guard.ended
    limit.clear()
    if (end.is === 'gone' && end.cause === 'lease') control.stop({ why: 'lost', graceMs: 0 })
    await jobLog.finishReading(reading)
    if (end.is === 'gone' && end.hadLeftovers) {
      jobLog.system('background processes outlived the command and were ended')
    }
    return end
  } finally {
    lease.off('renewed', follow)
    guard.close()
    await guard.ended // also after a fault: nothing may be said before the group is gone
    worker.guards.prepare()
  }
}

/** What the end of a command's process group means for its attempt. */
function describeEnd(job: Job, end: GuardEnd, order: StopOrder | undefined): RunResult {
  if (end.is === 'start-failed') {
    return failed({ reason: 'start-failed', message: end.message }, true)
  }
  if (end.is === 'guard-died') {
    return { kind: 'fault', message: `the guard of its processes failed: ${end.message}` }
  }
  // An end of its own that came before the order stays; see `EndCause`.
  if (end.cause === 'exit') return describeExit(end)
  return describeOrder(job, order, {
    ...(end.exitCode !== null && { exitCode: end.exitCode }),
    ...(end.signal !== null && { signal: end.signal }),
  })
}

function describeExit(end: GoneReport): RunResult {
  const { exitCode, signal } = end
  if (exitCode === 0) {
    const completed = { reason: 'completed', message: 'exited with 0', exitCode } as const
    return { kind: 'outcome', outcome: { status: 'succeeded', end: completed, retryable: false } }
  }
  if (exitCode === null) {
    const message = `ended by ${signal ?? 'a signal'}, which the service did not send`
    return failed({ reason: 'killed-by-signal', message, ...(signal && { signal }) }, true)
  }
  return failed({ reason: 'exit-code', message: describeCode(exitCode), exitCode }, true)
}

/** A shell answers 128 + n when its command was ended by signal n. */
function describeCode(exitCode: number): string {
  const name = Object.entries(constants.signals).find(([, n]) => n === exitCode - 128)?.[0]
  if (name === 'SIGKILL') return `exited with ${exitCode} (SIGKILL; often: out of memory)`
  return name === undefined ? `exited with ${exitCode}` : `exited with ${exitCode} (${name})`
}
