import { type CliCommand, makeCommand } from '../command.ts'
import { jobId } from '../read-values.ts'
import { FOLLOW_HELP, showAccepted } from '../follow-job.ts'

export const retryCommand: CliCommand = (line) =>
  makeCommand({
    name: 'retry',
    summary: 'Submit an ended job again, as a new job.',
    description:
      'Makes a new job with the input, environment, tags and limits of one that has ended, and prints its id.',
    examples: [{ line: 'scalable-job retry 3711718195200000001 --follow', what: 'Once more.' }],
  })
    .argument('<id>', 'The job.', jobId)
    .option('-f, --follow', FOLLOW_HELP)
    .action((id, { follow }, command) =>
      line.run(command, async (call) => {
        const client = call.connect()
        return showAccepted(call, client, { job: await client.retry(id), follow })
      }),
    )
