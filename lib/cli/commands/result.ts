import { writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { type CliCommand, makeCommand } from '../command.ts'
import { exitCodeOf } from '../follow-job.ts'
import { untilInterrupted } from '../io.ts'
import { jobId } from '../read-values.ts'

export const resultCommand: CliCommand = (line) =>
  makeCommand({
    name: 'result',
    summary: 'Print what a job came to: the answer of the model, or how the command ended.',
    description:
      'Prints the answer of a query as the model server gave it. A job without an answer of its own gives a short JSON summary. Exits with the exit status of the job.',
    examples: [{ line: 'scalable-job result 3711718195200000001 --wait', what: 'Wait for it.' }],
  })
    .argument('<id>', 'The job.', jobId)
    .option('-w, --wait', 'Wait until the job has ended, however long.')
    .option('-o, --output <FILE>', 'Write to a file instead of stdout.')
    .action((id, { wait, output }, command) =>
      line.run(command, async ({ io, connect }) => {
        const client = connect()
        const note = `no longer waiting; job ${id} goes on\n`
        return untilInterrupted(
          io,
          async (signal) => {
            if (wait === true) await client.wait(id, { signal })
            const { body } = await client.result(id, { signal })
            if (output !== undefined) await writeFile(resolve(io.cwd, output), body)
            else io.stdout.write(body)
            if (output === undefined && io.stdout.isTTY === true) io.stdout.write('\n')
            return exitCodeOf(await client.get(id))
          },
          note,
        )
      }),
    )
