import type { Attempt, RunResult } from './attempt.ts'

/** How the jobs of one task type run in a worker. */
export interface JobType {
  /** Their work is done by processes of their own. */
  readonly runsUnderGuard: boolean
  /** Whether the log of an attempt says that it succeeded; a file for that line alone costs. */
  readonly logsSuccess: boolean
  /** Resolves when nothing of the attempt runs any more. What it throws is a fault of this worker. */
  run(attempt: Attempt): Promise<RunResult>
}
