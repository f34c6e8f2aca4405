import { type Command, EXIT } from '../command.ts'
import { followJob } from '../follow-job.ts'
import { readJobId } from '../read-job-id.ts'

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
    const client = await call.connect()
    const job = await client.retryJob(id)
    if (call.options.flag('follow')) {
      call.io.stderr.write(`job ${job.id} accepted\n`)
      return followJob(call, client, { id: job.id })
    }
    const asJson = call.options.flag('json')
    call.io.stdout.write(asJson ? `${JSON.stringify(job, null, 2)}\n` : `${job.id}\n`)
    return EXIT.ok
  },
}
