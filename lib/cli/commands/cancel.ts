import type { CancelAnswer } from '../../client/answers.ts'
import { type Command, EXIT } from '../command.ts'
import { readJobId } from '../read-job-id.ts'

export const cancelCommand: Command = {
  name: 'cancel',
  summary: 'Cancel a job.',
  usage: '<id>',
  description:
    'A waiting job ends at once. A running one gets SIGTERM, after its grace SIGKILL, and only then counts as canceled. A job that has ended stays as it is.',
  takes: { min: 1, max: 1 },
  options: {},
  examples: [{ line: 'scalable-job cancel 3711718195200000001', what: 'One job.' }],
  async run(call) {
    const id = readJobId(call)
    const client = call.connect()
    const answer = await client.cancel(id)
    const asJson = call.options.flag('json')
    call.io.stdout.write(asJson ? `${JSON.stringify(answer, null, 2)}\n` : `${say(answer)}\n`)
    return EXIT.ok
  },
}

function say({ outcome, job }: CancelAnswer): string {
  if (outcome === 'canceled') return `job ${job.id} is canceled`
  if (outcome === 'already-ended') return `job ${job.id} had ended already: ${job.status}`
  return `job ${job.id} is asked to end; what still runs after ${job.limits.graceSeconds} s is killed`
}
