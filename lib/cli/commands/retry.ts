import type { Command } from '../command.ts'
import { readJobId } from '../read-job-id.ts'
import { showAccepted } from '../show-accepted.ts'

export const retryCommand: Command = {
  name: 'retry',
  summary: 'Submit an ended job again, as a new job.',
  usage: '<id> [--follow]',
  description:
    'Makes a new job with the input, environment, tags and limits of one that has ended, and prints its id.',
  takes: { min: 1, max: 1 },
  options: { follow: { short: 'f', what: "Show the log and exit with the job's exit status." } },
  examples: [{ line: 'scalable-job retry 3711718195200000001 --follow', what: 'Once more.' }],
  async run(call) {
    const id = readJobId(call)
    const client = call.connect()
    return showAccepted(call, client, await client.retry(id))
  },
}
