import type { JobView } from '../api/contract/job-view-schema.ts'
import type { Client } from '../client/client.ts'
import { type CommandCall, EXIT } from './command.ts'
import { followJob } from './follow-job.ts'

/**
 * A job that was just accepted: its id alone on stdout, for scripts; with `--follow` its log.
 *
 * @returns the exit code
 */
export async function showAccepted(
  call: CommandCall,
  client: Client,
  job: JobView,
): Promise<number> {
  const { io, options } = call
  if (options.flag('follow')) {
    io.stderr.write(`job ${job.id} accepted\n`)
    return followJob(call, client, { id: job.id })
  }
  io.stdout.write(options.flag('json') ? `${JSON.stringify(job, null, 2)}\n` : `${job.id}\n`)
  return EXIT.ok
}
