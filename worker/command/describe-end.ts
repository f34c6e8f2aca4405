import { constants } from 'node:os'
import type { EndDetail, Job } from '../../lib/job/job.ts'
import type { GoneReport } from '../../lib/processes/guard-protocol.ts'
import type { GuardEnd } from '../../lib/processes/start-guard.ts'
import type { StopOrder } from '../run/run-control.ts'
import { failed, type RunResult } from '../run/attempt.ts'

/** What the end of a command's process group means for its attempt. */
export function describeEnd(job: Job, end: GuardEnd, order: StopOrder | undefined): RunResult {
  if (end.is === 'start-failed') {
    return failed({ reason: 'start-failed', message: end.message }, true)
  }
  if (end.is === 'guard-died') {
    return { kind: 'fault', message: `the guard of its processes failed: ${end.message}` }
  }
  // An end of its own that came before the order stays; see `EndCause`.
  if (end.cause === 'exit') return describeExit(end)
  return describeStop(job, end, order)
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

function describeStop(job: Job, end: GoneReport, order: StopOrder | undefined): RunResult {
  return describeOrder(job, order, {
    ...(end.exitCode !== null && { exitCode: end.exitCode }),
    ...(end.signal !== null && { signal: end.signal }),
  })
}

/** What an attempt that was stopped by order came to; `how` it ended is recorded with it. */
export function describeOrder(
  job: Job,
  order: StopOrder | undefined,
  how: Pick<EndDetail, 'exitCode' | 'signal'> = {},
): RunResult {
  if (order?.why === 'canceled') {
    const end: EndDetail = { reason: 'canceled-by-user', message: 'canceled while it ran', ...how }
    return { kind: 'outcome', outcome: { status: 'canceled', end, retryable: false } }
  }
  if (order?.why === 'timed-out') {
    const message = `stopped after ${job.limits.runSeconds} s, the limit of its run`
    return failed({ reason: 'timed-out', message, ...how }, true)
  }
  return { kind: 'released', why: 'the worker was stopped' }
}
