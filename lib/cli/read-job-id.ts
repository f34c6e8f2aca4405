import { isJobId } from '../job/job-id.ts'
import { type CommandCall, UsageError } from './command.ts'

/**
 * The job id of a command line.
 *
 * @throws UsageError when the word is none
 */
export function readJobId({ positionals }: CommandCall): string {
  const word = positionals[0] ?? ''
  if (isJobId(word)) return word
  throw new UsageError(
    `${word} is not a job id`,
    'a job id has 19 digits; scalable-job list shows those of the last jobs',
  )
}
