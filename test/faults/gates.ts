import type { Measures } from './measures.ts'
import { quantile } from './quantile.ts'

/** One promise as data: what is measured and what it may be at most. */
export interface Gate {
  readonly name: string
  readonly unit: 'jobs' | 'seconds' | 'bytes'
  readonly atMost: number
  /** Undefined: nothing of this sort happened, so there is nothing to judge. */
  readonly measured: (measures: Measures) => number | undefined
  /** Jobs to look at when it fails. */
  readonly where?: (measures: Measures) => readonly string[]
}

export interface Verdict {
  readonly name: string
  readonly unit: Gate['unit']
  readonly atMost: number
  readonly measured: number | undefined
  readonly passed: boolean
  /** The first few jobs that broke it. */
  readonly jobIds: readonly string[]
}

/** A worker that dies is noticed within 40 s, and the look that acts on it comes a little later. */
const NOTICE_SECONDS = 45
const HUNG_MARGIN_SECONDS = 5
const JOBS_NAMED = 5

export const GATES: readonly Gate[] = [
  none('lost (accepted, and no end)', (measures) => measures.lost),
  none('ended, and the output queue never said so', (measures) => measures.untold),
  none('ended twice', (measures) => measures.endedTwice),
  none('results overwritten', (measures) => measures.overwritten),
  none('made twice by one Idempotency-Key', (measures) => measures.doubled),
  none('status that cannot be true', (measures) => measures.untrue),
  none('busy workers stopped', (measures) => measures.busyWorkersStopped),
  none('orphan processes left', (measures) => measures.orphans),
  none('two attempts at once', (measures) => measures.twoAtOnce),
  none('ran on after their end', (measures) => measures.ranOn),
  notice('dead worker noticed, median', (measures) => quantile(measures.noticedKilledMs, 0.5)),
  notice('dead worker noticed, p99', (measures) => quantile(measures.noticedKilledMs, 0.99)),
  {
    name: 'log bytes cut without a marker',
    unit: 'bytes',
    atMost: 0,
    measured: (measures) => measures.logBytesCutUnmarked,
  },
]

/** A hung worker has its lease, and is noticed in one of two looks, where these took place. */
export function hungGate(lookSeconds: number): Gate {
  return {
    name: 'hung worker noticed, beyond its lease, p99',
    unit: 'seconds',
    atMost: 2 * lookSeconds + HUNG_MARGIN_SECONDS,
    measured: ({ hungBeyondLeaseMs }) => toSeconds(quantile(hungBeyondLeaseMs, 0.99)),
  }
}

/** Every gate with its verdict. */
export function judge(measures: Measures, gates: readonly Gate[] = GATES): Verdict[] {
  return gates.map(({ name, unit, atMost, measured, where }) => {
    const value = measured(measures)
    const passed = value === undefined || value <= atMost
    const jobIds = passed ? [] : (where?.(measures) ?? []).slice(0, JOBS_NAMED)
    return { name, unit, atMost, measured: value, passed, jobIds }
  })
}

function none(name: string, where: (measures: Measures) => readonly string[]): Gate {
  return { name, unit: 'jobs', atMost: 0, measured: (measures) => where(measures).length, where }
}

function notice(name: string, ms: (measures: Measures) => number | undefined): Gate {
  return {
    name,
    unit: 'seconds',
    atMost: NOTICE_SECONDS,
    measured: (measures) => toSeconds(ms(measures)),
  }
}

function toSeconds(ms: number | undefined): number | undefined {
  return ms === undefined ? undefined : ms / 1000
}
