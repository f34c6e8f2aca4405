import type { JobView } from '../../api/contract/job-view-schema.ts'
import { JOB_STATUSES, TASK_TYPES } from '../../job/job.ts'
import { type Command, type CommandCall, EXIT, UsageError } from '../command.ts'
import { describeProgress } from '../describe-job.ts'
import { formatTable } from '../format-table.ts'
import { formatSpan } from '../format-units.ts'
import { type Paint, paintStatus } from '../paint.ts'
import { printable } from '../printable.ts'

const MAX_LIMIT = 100

export const listCommand: Command = {
  name: 'list',
  summary: 'List jobs, newest first.',
  usage: '[options]',
  description: 'Lists the jobs that the token may see, newest first, a page at a time.',
  takes: { min: 0, max: 0 },
  options: {
    status: { value: 'STATUS', what: `Only ${JOB_STATUSES.join(', ')}.` },
    type: { value: 'TYPE', what: `Only ${TASK_TYPES.join(' or ')}.` },
    tag: { value: 'NAME=VALUE', what: 'Only jobs with this tag.' },
    limit: { value: 'COUNT', short: 'n', what: `Jobs on a page, up to ${MAX_LIMIT}; 20.` },
    cursor: { value: 'CURSOR', what: 'The next page, as the page before named it.' },
  },
  examples: [
    { line: 'scalable-job list --status running', what: 'What runs now.' },
    { line: 'scalable-job list --tag experiment=lr-3e4 --json', what: 'For a program.' },
  ],
  async run(call) {
    const filter = readFilter(call)
    const client = call.connect()
    const page = await client.list(filter)
    const { io, options } = call
    if (options.flag('json')) {
      io.stdout.write(`${JSON.stringify(page, null, 2)}\n`)
      return EXIT.ok
    }
    if (page.jobs.length === 0) io.stderr.write('no jobs here\n')
    else
      io.stdout.write(
        formatTable(
          HEADINGS,
          page.jobs.map((job) => toRow(job, call.paint)),
        ),
      )
    if (page.next !== undefined) {
      io.stderr.write(`more: the same command with --cursor ${page.next}\n`)
    }
    return EXIT.ok
  },
}

const HEADINGS = ['ID', 'STATUS', 'TYPE', 'ACCEPTED', 'WAITED', 'RAN', 'WHAT']

function readFilter({ options }: CommandCall) {
  const tag = options.text('tag')
  if (tag !== undefined && tag.indexOf('=') < 1) {
    throw new UsageError(`--tag takes NAME=VALUE, not ${tag}`)
  }
  return {
    status: oneOf('status', options.text('status'), JOB_STATUSES),
    taskType: oneOf('type', options.text('type'), TASK_TYPES),
    tag: tag?.replace('=', ':'),
    limit: options.whole('limit', { min: 1, max: MAX_LIMIT }) ?? 20,
    cursor: options.text('cursor'),
  }
}

function oneOf<T extends string>(
  name: string,
  given: string | undefined,
  allowed: readonly T[],
): T | undefined {
  if (given === undefined) return undefined
  const found = allowed.find((each) => each === given)
  if (found !== undefined) return found
  throw new UsageError(`--${name} is ${given}`, `it is one of ${allowed.join(', ')}`)
}

function toRow(job: JobView, paint: Paint): string[] {
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

function summarize(job: JobView): string {
  const parts = Object.entries(job.tags).map(([name, value]) => `${name}=${printable(value)}`)
  if (job.status === 'running') parts.unshift(describeProgress(job) ?? '')
  if (job.status === 'failed') parts.unshift(job.reason ?? '')
  return parts.filter((part) => part !== '').join('  ')
}
