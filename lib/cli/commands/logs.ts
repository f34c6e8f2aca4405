import { type CliCommand, makeCommand } from '../command.ts'
import { followJob, showLogLine } from '../follow-job.ts'
import { EXIT } from '../io.ts'
import { jobId } from '../read-values.ts'

export const logsCommand: CliCommand = (line) =>
  makeCommand({
    name: 'logs',
    summary: 'Print the log of a job, and follow it.',
    description:
      'Prints the log lines of all attempts so far: stdout of the job to stdout, its stderr and notes of the service to stderr. With --follow it goes on until the job ends, also after a broken connection, and exits with the exit status of the job. Ctrl-C stops watching; the job goes on.',
    examples: [
      { line: 'scalable-job logs 3711718195200000001 --follow', what: 'Live.' },
      {
        line: 'scalable-job logs 3711718195200000001 2>/dev/null',
        what: 'Only stdout of the job.',
      },
    ],
  })
    .argument('<id>', 'The job.', jobId)
    .option('-f, --follow', "Go on until the job ends; exit with the job's exit status.")
    .option('--cursor <CURSOR>', 'Begin behind this line (`cursor` of a line in --json).')
    .action((id, { follow, cursor: start }, command) =>
      line.run(command, async (call) => {
        const client = call.connect()
        if (follow === true) return followJob(call, client, { id, cursor: start })
        for (let cursor = start; ;) {
          const page = await client.readLogs(id, { cursor })
          for (const each of page.lines) showLogLine(call, each)
          if (page.done || page.lines.length === 0) return EXIT.ok
          cursor = page.cursor
        }
      }),
    )
