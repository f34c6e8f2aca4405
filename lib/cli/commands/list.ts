import { Option } from '@commander-js/extra-typings'
import type { Job } from '../../client/answers.ts'
import { JOB_STATUSES, TASK_TYPES } from '../../job/job.ts'
import { type CliCommand, makeCommand } from '../command.ts'
import { describeProgress } from '../describe-job.ts'
import { formatTable } from '../format-table.ts'
import { formatSpan } from '../../console/page/elements/format-units.js'
import { EXIT } from '../io.ts'
import { type Paint, paintStatus, printable } from '../paint.ts'
import { onePair, whole } from '../read-values.ts'

const MAX_LIMIT = 100

export const listCommand: CliCommand = (line) =>
  makeCommand({
    name: 'list',
    summary: 'List jobs, newest first.',
    description: 'Lists the jobs that the token may see, newest first, a page at a time.',
    examples: [
      { line: 'scalable-job list --status running', what: 'What runs now.' },
      { line: 'scalable-job list --tag experiment=lr-3e4 --json', what: 'For a program.' },
    ],
  })
    .addOption(new Option('--status <STATUS>', 'Only jobs with this status.').choices(JOB_STATUSES))
    .addOption(new Option('--type <TYPE>', 'Only jobs of this type.').choices(TASK_TYPES))
    .option('--tag <NAME=VALUE>', 'Only jobs with this tag.', onePair)
    .option('-n, --limit <COUNT>', `Jobs on a page, up to ${MAX_LIMIT}.`, whole(1, MAX_LIMIT), 20)
    .option('--cursor <CURSOR>', 'The next page, as the page before named it.')
    .action(({ status, type, tag, limit, cursor }, command) =>
      line.run(command, async ({ io, json, show, paint, connect }) => {
        const filter = { status, taskType: type, tag: tag?.join(':'), limit, cursor }
        const page = await connect().list(filter)
        const rows = page.jobs.map((job) => toRow(job, paint))
        show(page, () => (rows.length === 0 ? '' : formatTable(HEADINGS, rows)))
        if (json) return EXIT.ok
        if (rows.length === 0) io.stderr.write('no jobs match\n')
        if (page.next !== undefined) {
          io.stderr.write(`more: the same command with --cursor ${page.next}\n`)
        }
        return EXIT.ok
      }),
    )

const HEADINGS = ['ID', 'STATUS', 'TYPE', 'ACCEPTED (UTC)', 'WAITED', 'RAN', 'WHAT']

function toRow(job: Job, paint: Paint): string[] {
  return [
    job.id,
    paintStatus(paint, job.status),
    job.taskType,
    job.acceptedAt.replace('T', ' ').replace(/\..*$/, ''),
    formatSpan(job.waitSeconds),
    job.runSeconds === undefined ? '-' : formatSpan(job.runSeconds),
    summarize(job),
  ]
}

function summarize(job: Job): string {
  const notes = Object.entries(job.tags).map(([name, value]) => `${name}=${printable(value)}`)
  if (job.status === 'running') notes.unshift(describeProgress(job) ?? '')
  if (job.status === 'failed') notes.unshift(job.reason ?? '')
  return notes.filter((note) => note !== '').join('  ')
}
