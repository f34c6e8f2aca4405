import type { TaskType } from '../lib/job/job.ts'
import { runCommand } from './command/command.ts'
import { runQuery } from './query/query.ts'
import type { Attempt, RunResult } from './run/attempt.ts'

/** Resolves when nothing of the attempt runs any more. What it throws is a fault of this worker. */
type Runner = (attempt: Attempt) => Promise<RunResult>

/**
 * How the jobs of each task type run. A further type is a folder beside these, a line here, and its
 * facts in `lib/job/task-types.ts`.
 */
export const RUNNERS: Readonly<Record<TaskType, Runner>> = { command: runCommand, query: runQuery }
