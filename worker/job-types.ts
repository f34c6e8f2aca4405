import type { TaskType } from '../lib/job/job.ts'
import { COMMAND_JOBS } from './command/command.ts'
import { QUERY_JOBS } from './query/query.ts'
import type { JobType } from './run/job-type.ts'

/** What a worker knows of each task type; a further one is a folder beside these and a line here. */
export const JOB_TYPES: Readonly<Record<TaskType, JobType>> = {
  command: COMMAND_JOBS,
  query: QUERY_JOBS,
}
