import { type CliCommand, makeCommand } from '../command.ts'
import { describeJob } from '../describe-job.ts'
import { EXIT } from '../io.ts'
import { jobId } from '../read-values.ts'

export const statusCommand: CliCommand = (line) =>
  makeCommand({
    name: 'status',
    summary: 'Show how a job stands, or how it ended and why.',
    description: 'Shows one job: status, attempts, progress, checkpoints, artifacts and limits.',
    examples: [{ line: 'scalable-job status 3711718195200000001', what: 'One job.' }],
  })
    .argument('<id>', 'The job.', jobId)
    .action((id, _options, command) =>
      line.run(command, async ({ show, paint, connect }) => {
        const job = await connect().get(id)
        show(job, () => describeJob(job, paint))
        return EXIT.ok
      }),
    )
