import { type Command, EXIT } from '../command.ts'
import { followJob, showLogLine } from '../follow-job.ts'
import { readJobId } from '../read-job-id.ts'

export const logsCommand: Command = {
  name: 'logs',
  summary: 'Print the log of a job, and follow it.',
  usage: '<id> [--follow]',
  description:
    'Prints the log lines of all attempts so far: stdout of the job to stdout, its stderr and notes of the service to stderr. With --follow it goes on until the job ends, also after a broken connection, and exits with the exit status of the job. Ctrl-C stops the following, not the job.',
  takes: { min: 1, max: 1 },
  options: {
    follow: { short: 'f', what: "Go on until the job ends; exit with the job's exit status." },
    cursor: { value: 'CURSOR', what: 'Begin behind this line (`cursor` of a line in --json).' },
  },
  examples: [
    { line: 'scalable-job logs 3711718195200000001 --follow', what: 'Live.' },
    { line: 'scalable-job logs 3711718195200000001 2>/dev/null', what: 'Only stdout of the job.' },
  ],
  async run(call) {
    const id = readJobId(call)
    const client = call.connect()
    let cursor = call.options.text('cursor')
    if (call.options.flag('follow')) return followJob(call, client, { id, cursor })
    for (;;) {
      const page = await client.readLogs(id, { cursor })
      for (const line of page.lines) showLogLine(call, line)
      if (page.done || page.lines.length === 0) return EXIT.ok
      cursor = page.cursor
    }
  },
}
