import type { Measures } from './measures.ts'
import { quantile } from './quantile.ts'

/** One promise as data: what is measured and what it may be at most. */
export interface Gate {
  readonly name: string
  readonly unit: 'jobs' | 'seconds' | 'bytes' | 'sorts'
  readonly atMost: number
  /** Undefined: nothing of this sort happened, so there is nothing to judge. */
  readonly measured: (measures: Measures) => number | undefined
  /** How many cases it had the chance to see; with none it has shown nothing. */
  readonly outOf?: (measures: Measures) => number
  /** It passes without a case, however many jobs there were. */
  readonly mayBeEmpty?: boolean
  /** Jobs, or sorts, to look at when it fails. */
  readonly where?: (measures: Measures) => readonly string[]
}

export interface Verdict {
  readonly name: string
  readonly unit: Gate['unit']
  readonly atMost: number
  readonly measured: number | undefined
  /** How many cases there were to see. */
  readonly outOf?: number
  readonly passed: boolean
  /** The first few jobs that broke it. */
  readonly jobIds: readonly string[]
}

/** A worker that dies is noticed within 40 s, and the look that acts on it comes a little later. */
const NOTICE_SECONDS = 45
const HUNG_MARGIN_SECONDS = 5
const NAMED = 5
/** A run of so many jobs must have seen something of every sort; a smaller one says what it missed. */
export const ENOUGH_JOBS = 700

export const GATES: readonly Gate[] = [
  none('lost (accepted, and no end)', ({ lost }) => lost, accepted),
  none('ended, and the output queue never said so', ({ untold }) => untold, accepted),
  none(
    'ended twice',
    ({ endedTwice }) => endedTwice,
    ({ seen }) => seen.endsComparable,
  ),
  none(
    'results overwritten',
    ({ overwritten }) => overwritten,
    ({ seen }) => seen.resultsComparable,
  ),
  none('made twice by one Idempotency-Key', ({ doubled }) => doubled, accepted),
  none('status that cannot be true', ({ untrue }) => untrue, withEffects),
  none(
    'busy workers stopped',
    ({ busyWorkersStopped }) => busyWorkersStopped,
    ({ seen }) => seen.workersStopped,
  ),
  none('orphan processes left', ({ orphans }) => orphans, withProcesses),
  none('two attempts at once', ({ twoAtOnce }) => twoAtOnce, withProcesses),
  none('ran on after their end', (measures) => measures.ranOn, withEffects),
  notice('dead worker noticed, median', (measures) => quantile(measures.noticedKilledMs, 0.5)),
  notice('dead worker noticed, p99', (measures) => quantile(measures.noticedKilledMs, 0.99)),
  none(
    'logs that do not say where a worker was lost',
    ({ lossesUntold }) => lossesUntold,
    ({ seen }) => seen.lossesRead,
  ),
  {
    name: 'log bytes cut without a marker',
    unit: 'bytes',
    atMost: 0,
    measured: (measures) => measures.logBytesCutUnmarked,
    outOf: (measures) => measures.logBytesWritten,
  },
]

interface HungCase {
  /** It takes long to see one that nothing else disturbs: a short run need not. */
  readonly mustHappen: boolean
  /** The longest that the campaign keeps a single call from its answer. */
  readonly callSeconds: number
}

/** A hung worker has its lease, and is noticed in one of two looks, where these took place. */
export function hungGate(lookSeconds: number, { mustHappen, callSeconds }: HungCase): Gate {
  return {
    name: 'hung worker noticed, beyond its lease, p99',
    unit: 'seconds',
    atMost: 2 * lookSeconds + callSeconds + HUNG_MARGIN_SECONDS,
    measured: ({ hungBeyondLeaseMs }) => toSeconds(quantile(hungBeyondLeaseMs, 0.99)),
    outOf: ({ hungBeyondLeaseMs }) => hungBeyondLeaseMs.length,
    mayBeEmpty: !mustHappen,
  }
}

/** Every gate with its verdict. */
export function judge(measures: Measures, gates: readonly Gate[] = GATES): Verdict[] {
  return gates.map(({ name, unit, atMost, measured, outOf, mayBeEmpty, where }) => {
    const value = measured(measures)
    const cases = outOf?.(measures)
    const isShown = cases !== 0 || mayBeEmpty === true || measures.accepted < ENOUGH_JOBS
    const passed = isShown && (value === undefined || value <= atMost)
    const jobIds = passed ? [] : (where?.(measures) ?? []).slice(0, NAMED)
    const seen = cases === undefined ? {} : { outOf: cases }
    return { name, unit, atMost, measured: value, ...seen, passed, jobIds }
  })
}

/** Every sort of fault has struck at least once; names those that have not. */
export function strikingGate(struck: readonly string[], sorts: readonly string[]): Gate {
  const missing = sorts.filter((sort) => !struck.some((kind) => kind.startsWith(sort)))
  return {
    name: 'sorts of fault that never struck',
    unit: 'sorts',
    atMost: 0,
    measured: () => missing.length,
    outOf: () => sorts.length,
    where: () => missing,
  }
}

function accepted({ accepted: jobs }: Measures): number {
  return jobs
}

function withEffects({ seen }: Measures): number {
  return seen.withEffects
}

function withProcesses({ seen }: Measures): number {
  return seen.withProcesses
}

type JobsOf = (measures: Measures) => readonly string[]

function none(name: string, where: JobsOf, outOf: (measures: Measures) => number): Gate {
  return {
    name,
    unit: 'jobs',
    atMost: 0,
    measured: (measures) => where(measures).length,
    outOf,
    where,
  }
}

function notice(name: string, ms: (measures: Measures) => number | undefined): Gate {
  return {
    name,
    unit: 'seconds',
    atMost: NOTICE_SECONDS,
    measured: (measures) => toSeconds(ms(measures)),
    outOf: ({ noticedKilledMs }) => noticedKilledMs.length,
  }
}

function toSeconds(ms: number | undefined): number | undefined {
  return ms === undefined ? undefined : ms / 1000
}
