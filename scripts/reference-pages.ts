import { ENV, JOB_ENV } from '../lib/core/env.ts'
import { ERRORS } from '../lib/core/errors.ts'
import { METRICS } from '../lib/core/metrics.ts'
import { END_REASONS } from '../lib/core/reasons.ts'

export interface Page {
  readonly file: string
  readonly text: string
}

/** Every page below docs/reference that is made from code. */
export function referencePages(): Page[] {
  return [errorsPage(), reasonsPage(), envPage(), metricsPage()]
}

function errorsPage(): Page {
  const rows = Object.entries(ERRORS).map(([code, { status, when, fix }]) => {
    return [`\`${code}\``, String(status), when, fix]
  })
  const intro =
    'Every error answer is `{"error": {"code", "message", "fix", "details", "requestId"}}`. A code is stable; a message may be improved. `details` names each mistake with its `path`, the `problem`, the value `got` and what is `allowed`.'
  const text = page('Errors', intro, [table(['Code', 'Status', 'When', 'Likely fix'], rows)])
  return { file: 'errors.md', text }
}

function reasonsPage(): Page {
  const rows = Object.entries(END_REASONS).map(([code, what]) => [`\`${code}\``, what])
  const intro = 'Why a job or an attempt ended: `end.reason` of a job.'
  return { file: 'reasons.md', text: page('Reasons', intro, [table(['Reason', 'Meaning'], rows)]) }
}

function envPage(): Page {
  const toRow = (each: { name: string; what: string; default?: string }) => {
    return [`\`${each.name}\``, each.default === undefined ? '' : `\`${each.default}\``, each.what]
  }
  const head = ['Variable', 'Default', 'Meaning']
  const parts = [
    '## Read by a worker, a Lambda or the command line',
    table(head, Object.values(ENV).map(toRow)),
    '## Seen by jobs and by the model server',
    table(head, Object.values(JOB_ENV).map(toRow)),
  ]
  const intro = 'Names below `SCALABLE_JOB_` are reserved: a job cannot set them itself.'
  return { file: 'env.md', text: page('Environment', intro, parts) }
}

function metricsPage(): Page {
  const rows = Object.entries(METRICS).map(([name, { unit, what }]) => [`\`${name}\``, unit, what])
  const intro =
    'In CloudWatch by these names; at `/metrics` in the Prometheus form, for example `JobsWaiting` as `scalable_job_jobs_waiting`.'
  return {
    file: 'metrics.md',
    text: page('Metrics', intro, [table(['Metric', 'Unit', 'Meaning'], rows)]),
  }
}

function page(title: string, intro: string, parts: readonly string[]): string {
  const note = '<!-- Made by `npm run docs`; edit the registry in lib/core instead. -->'
  return `${[`# ${title}`, note, intro, ...parts].join('\n\n')}\n`
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map(escapeCell).join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}

function escapeCell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ')
}
