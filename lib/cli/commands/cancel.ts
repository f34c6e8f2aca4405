import type { CancelAnswer } from '../../client/answers.ts'
import { type CliCommand, makeCommand } from '../command.ts'
import { EXIT } from '../io.ts'
import { jobId } from '../read-values.ts'

export const cancelCommand: CliCommand = (line) =>
  makeCommand({
    name: 'cancel',
    summary: 'Cancel a job.',
    description:
      'A waiting job ends at once. A running one gets SIGTERM, after its grace SIGKILL, and only then counts as canceled. A job that has ended stays as it is.',
    examples: [{ line: 'scalable-job cancel 3711718195200000001', what: 'One job.' }],
  })
    .argument('<id>', 'The job.', jobId)
    .action((id, _options, command) =>
      line.run(command, async ({ show, connect }) => {
        const answer = await connect().cancel(id)
        show(answer, () => `${say(answer)}\n`)
        return EXIT.ok
      }),
    )

function say({ outcome, job }: CancelAnswer): string {
  if (outcome === 'canceled') return `job ${job.id} is canceled`
  if (outcome === 'already-ended') return `job ${job.id} had already ended: ${job.status}`
  return `job ${job.id} was asked to stop; it is killed if it still runs after ${job.limits.graceSeconds} s`
}
