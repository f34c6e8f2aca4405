import { readFile } from 'node:fs/promises'
import { isUtf8 } from 'node:buffer'
import type { Guard } from '../../lib/processes/start-guard.ts'
import { giveToUser } from '../run/attempt-folder.ts'
import { failed, type RunContext, type RunResult } from '../run/run-context.ts'
import { CheckpointSync } from '../checkpoints/checkpoint-sync.ts'
import { restoreCheckpoint } from '../checkpoints/restore-checkpoint.ts'
import { describeEnd } from './describe-end.ts'
import { limitRun } from '../run/limit-run.ts'
import { makeJobEnv } from './job-env.ts'
import { fetchInput } from '../run/fetch-input.ts'

const SHELL = '/bin/sh'
/** Linux takes at most 128 KiB in one argument; longer texts are run from their file. */
const MAX_ARGUMENT_BYTES = 120_000

/**
 * Runs a command job: its input is shell text, run by `/bin/sh` in an empty working folder, in a
 * process group (and session) of its own that a guard watches.
 */
export async function runCommand(context: RunContext): Promise<RunResult> {
  const { job, folder, user, credentials } = context
  if (!(await fetchInput(context))) {
    return failed({ reason: 'bad-input', message: 'the command text is no longer stored' }, false)
  }
  const text = await readFile(folder.inputFile)
  const mistake = findMistake(text)
  if (mistake !== undefined) return failed({ reason: 'bad-input', message: mistake }, false)
  const checkpoints = new CheckpointSync(context, await restoreCheckpoint(context))
  const args = toShellArgs(text, folder.inputFile)
  if (user !== undefined) await giveToUser(folder, user)
  const { id: jobId, attempt } = job
  const held = await credentials.open({ kind: 'job', jobId, attempt })
  try {
    return await runUnderGuard(context, { checkpoints, args, credentialEnv: held.env })
  } finally {
    held.close()
  }
}

async function runUnderGuard(context: RunContext, run: CommandRun): Promise<RunResult> {
  const { guards } = context
  const guard = await guards.take()
  try {
    return await runGuarded(context, { ...run, guard })
  } finally {
    guard.close()
    await guard.ended // also after a fault: nothing may be said before the group is gone
    guards.prepare()
  }
}

function findMistake(text: Buffer): string | undefined {
  if (text.length === 0) return 'the command is empty'
  if (text.includes(0)) return 'the command has a NUL byte'
  return isUtf8(text) ? undefined : 'the command is not UTF-8 text'
}

function toShellArgs(text: Buffer, file: string): string[] {
  return text.length <= MAX_ARGUMENT_BYTES ? ['-c', text.toString('utf8')] : [file]
}

interface CommandRun {
  readonly checkpoints: CheckpointSync
  readonly args: readonly string[]
  readonly credentialEnv: Readonly<Record<string, string>>
}

interface GuardedRun extends CommandRun {
  readonly guard: Guard
}

async function runGuarded(context: RunContext, run: GuardedRun): Promise<RunResult> {
  const { deps, job, folder, user, lease, control, jobLog } = context
  const { guard, checkpoints, args, credentialEnv } = run
  // A worker that stood still meanwhile may have been given up: another attempt may run by now.
  if (lease.isOver) control.stop({ why: 'lost', graceMs: 0 })
  // Canceled, drained or lost while the start was being prepared.
  if (control.order !== undefined) return describeUnstarted(context)
  const env = makeJobEnv({ ...deps, credentialEnv }, job, folder)
  const as = user === undefined ? {} : { user }
  const reading = jobLog.read(guard.stdout, guard.stderr)
  guard.run({ file: SHELL, args, cwd: folder.workDir, env, ...as, leaseUntilMs: lease.untilMs })
  const follow = (untilMs: number): void => guard.beat(untilMs)
  lease.on('renewed', follow)
  control.onStop((order) => guard.stop(order.graceMs))
  const limit = limitRun(context)
  checkpoints.start()
  const end = await guard.ended
  limit.clear()
  lease.off('renewed', follow)
  if (end.is === 'gone' && end.cause === 'lease') control.stop({ why: 'lost', graceMs: 0 })
  await jobLog.finishReading(reading)
  if (end.is === 'gone' && end.hadLeftovers) {
    jobLog.system('background processes outlived the command and were ended')
  }
  const result = describeEnd(job, end, control.order)
  await checkpoints.finish(result)
  return result
}

function describeUnstarted({ job, control }: RunContext): RunResult {
  const end = {
    is: 'gone',
    cause: 'stop',
    exitCode: null,
    signal: null,
    hadLeftovers: false,
  } as const
  return describeEnd(job, end, control.order)
}
