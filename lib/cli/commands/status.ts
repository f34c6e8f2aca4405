import { type Command, EXIT } from '../command.ts'
import { describeJob } from '../describe-job.ts'
import { readJobId } from '../read-job-id.ts'

export const statusCommand: Command = {
  name: 'status',
  summary: 'Show how a job stands, or how it ended and why.',
  usage: '<id>',
  description: 'Shows one job: status, attempts, progress, checkpoints, artifacts and limits.',
  takes: { min: 1, max: 1 },
  options: {},
  examples: [{ line: 'scalable-job status 3711718195200000001', what: 'One job.' }],
  async run(call) {
    const id = readJobId(call)
    const client = call.connect()
    const job = await client.get(id)
    const asJson = call.options.flag('json')
    call.io.stdout.write(
      asJson ? `${JSON.stringify(job, null, 2)}\n` : describeJob(job, call.paint),
    )
    return EXIT.ok
  },
}
