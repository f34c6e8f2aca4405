import type { StoredJob } from '../../job/store/job-row.ts'
import type { Steps } from '../look/steps.ts'

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
