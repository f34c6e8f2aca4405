import type { Job } from '../client/answers.ts'
import type { Client } from '../client/client.ts'
import type { CommandCall } from './command.ts'
import { followJob } from './follow-job.ts'
import { EXIT } from './io.ts'

export const FOLLOW_HELP = "Show the log and exit with the job's exit status."

/**
 * A job that was just accepted: its id alone on stdout, for scripts; with `--follow` its log.
 *
 * @returns the exit code
 */
export async function showAccepted(
  call: CommandCall,
  client: Client,
  { job, follow }: { job: Job; follow: boolean | undefined },
): Promise<number> {
  const { io, json } = call
  if (follow === true) {
    io.stderr.write(`job ${job.id} accepted\n`)
    return followJob(call, client, { id: job.id })
  }
  io.stdout.write(json ? `${JSON.stringify(job, null, 2)}\n` : `${job.id}\n`)
  return EXIT.ok
}
