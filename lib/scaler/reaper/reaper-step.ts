import type { TaskType } from '../../job/job.ts'
import type { StoredJob } from '../../job/store/job-row.ts'
import type { ScalerDeps } from '../look/scaler-deps.ts'
import type { Snapshot } from '../look/sense.ts'
import type { Steps } from '../look/steps.ts'

/** What the reaper did in one look; counts that are absent could not be taken. */
export interface ReaperReport {
  readonly resent: number
  /** Jobs that ended because they waited too long in the queue. */
  readonly expired: number
  /** Jobs that ended because nobody takes their type. */
  readonly notServed: number
  readonly notified: number
  readonly lost: number
  readonly cleaned: number
  readonly running?: number
  readonly deadLetters?: number
}

export interface UnclaimedTypes {
  /** Types that nobody has taken for the whole grace. */
  readonly types: ReadonlySet<TaskType>
  readonly graceMs: number
}

/** What steps of this look tell the steps after them. Absent: they could not find it out. */
export interface Findings {
  /** Tasks that have certainly stopped. */
  readonly stoppedTasks?: ReadonlySet<string>
  /** Workers that hold a lease. */
  readonly leaseHolders?: ReadonlySet<string>
  readonly unclaimed?: UnclaimedTypes
  /** Jobs that ended in the queue; nobody has been told yet. */
  readonly ended?: readonly StoredJob[]
}

export interface ReaperContext {
  readonly deps: ScalerDeps
  readonly snapshot: Snapshot
  readonly steps: Steps
  readonly findings: Findings
}

interface StepResult<Memory> {
  /** For the next look; absent: as it was. */
  readonly memory?: Memory
  readonly report?: Partial<ReaperReport>
  readonly findings?: Findings
}

/**
 * One thing that the reaper mends. A step bounds its rows, heeds the time of `context.steps`, may be
 * repeated at any point, and alone reads and writes its slice of the reaper's memory.
 */
export interface ReaperStep<Name extends string = string, Memory = object> {
  /** In logs and failures, and of its slice in the stored memory. */
  readonly name: Name
  /** Its memory before the first look. */
  readonly empty: Memory
  /** A step that may have much to do leaves half of the time to those behind it. */
  readonly takesHalf?: true
  /** Only counts: left out where the look saves nothing. */
  readonly skipsQuietLooks?: true
  run(context: ReaperContext, memory: Memory): Promise<StepResult<Memory>>
  /** What still holds of its memory after it failed; all of it unless said here. */
  afterFailure?(memory: Memory): Memory
}

/** After so many failures in a row the table or the queue is most likely down; the next look tries again. */
const MAX_FAILURES = 3

/**
 * Runs a step for one job after the other, each failing alone, until the time is up.
 *
 * @returns whether every job had its turn
 */
export async function forEachJob(
  steps: Steps,
  jobs: Iterable<StoredJob>,
  [step, run]: readonly [step: string, run: (stored: StoredJob) => Promise<unknown>],
): Promise<boolean> {
  let failures = 0
  for (const stored of jobs) {
    if (steps.isTimeUp() || failures >= MAX_FAILURES) return false
    const isDone = await steps.run(step, () => run(stored))
    failures = isDone ? 0 : failures + 1
  }
  return failures < MAX_FAILURES
}
