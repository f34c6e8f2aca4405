import { ENV, JOB_ENV } from '../lib/registry/env.ts'
import { INHERITED_ENV } from '../lib/registry/inherited-env.ts'
import { ERRORS } from '../lib/registry/errors.ts'
import { METRICS } from '../lib/registry/metrics.ts'
import { END_REASONS } from '../lib/job/reasons.ts'
import { SCALING_REASONS } from '../lib/scaling/scaling-reasons.ts'
import { listSettings, serviceJsonSchema } from '../lib/service/service-json-schema.ts'

import { COMMANDS } from '../lib/cli/commands.ts'
import { commandsPage } from '../lib/cli/commands-page.ts'
import { demoCommand } from '../examples/digits/demo/command.ts'
import { deployCommand } from '../lib/local/commands/deploy.ts'
import { startCommand } from '../lib/local/commands/start.ts'
import { synthCommand } from '../lib/local/commands/synth.ts'
import { apiSections } from './api-page.ts'

export interface Page {
  /** From the root of the repository. */
  readonly file: string
  readonly text: string
}

/** Every file that is made from the registries of the code. */
export function referencePages(): Page[] {
  return [
    errorsPage(),
    reasonsPage(),
    envPage(),
    metricsPage(),
    settingsPage(),
    apiPage(),
    schemaFile(),
    {
      file: 'docs/reference/cli.md',
      text: commandsPage([startCommand, demoCommand, synthCommand, deployCommand, ...COMMANDS]),
    },
  ]
}

function errorsPage(): Page {
  const rows = Object.entries(ERRORS).map(([code, { status, when, fix }]) => {
    return [`\`${code}\``, String(status), when, fix]
  })
  const intro =
    'Every error answer is `{"error": {"code", "message", "fix", "details", "requestId"}}`. A code is stable; a message may be improved. `details` names each mistake with its `path`, the `problem`, the value `got` and what is `allowed`.'
  const text = page('Errors', intro, [table(['Code', 'Status', 'When', 'Likely fix'], rows)])
  return { file: 'docs/reference/errors.md', text }
}

function reasonsPage(): Page {
  const toTable = (reasons: Readonly<Record<string, string>>) => {
    return table(
      ['Reason', 'Meaning'],
      Object.entries(reasons).map(([code, what]) => [`\`${code}\``, what]),
    )
  }
  const intro = 'Stable words that say why.'
  const parts = [
    '## Why a job or an attempt ended',
    toTable(END_REASONS),
    '## Why the scaler wants so many workers',
    toTable(SCALING_REASONS),
  ]
  return { file: 'docs/reference/reasons.md', text: page('Reasons', intro, parts) }
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
    '## Inherited from the shell, on one machine',
    'Jobs, the model server and the front end inherit these from the shell in which the service was started, where they are set there; `*` stands for the rest of a name. Left out are names that look like a secret (`HF_TOKEN`) and addresses with a login in them (`http://user:password@proxy`): what a job needs of those belongs into the `env` of its container.',
    table(
      ['Variable', 'Meaning'],
      INHERITED_ENV.map(({ name, what }) => [`\`${name}\``, what]),
    ),
  ]
  const intro = 'Names below `SCALABLE_JOB_` are reserved: a job cannot set them itself.'
  return { file: 'docs/reference/env.md', text: page('Environment', intro, parts) }
}

function metricsPage(): Page {
  const rows = Object.entries(METRICS).map(([name, { unit, what }]) => [`\`${name}\``, unit, what])
  const intro =
    'In CloudWatch by these names; at `/metrics` in the Prometheus form, for example `JobsWaiting` as `scalable_job_jobs_waiting`.'
  return {
    file: 'docs/reference/metrics.md',
    text: page('Metrics', intro, [table(['Metric', 'Unit', 'Meaning'], rows)]),
  }
}

function settingsPage(): Page {
  const settings = listSettings()
  const honoured = settings
    .filter(({ ignored }) => ignored === undefined)
    .map(({ path, type, isRequired, default: preset = '', what }) => {
      return [`\`${path}\``, type, isRequired ? 'required' : preset, what]
    })
  const ignored = settings.flatMap(({ path, ignored: why }) => {
    return why === undefined ? [] : [[`\`${path}\``, why]]
  })
  const intro =
    'Every key of `service.json`; `schema/service.schema.json` tells editors the same. Comments (`//`, `/* */`) and commas behind a last entry are allowed in the file, a key given twice is not.'
  const parts = [
    table(['Key', 'Type', 'Default', 'Meaning'], honoured),
    '## Keys of PAI-EAS that mean nothing here',
    'They are understood, have no effect, and are reported at every start.',
    table(['Key', 'Why'], ignored),
  ]
  return { file: 'docs/reference/settings.md', text: page('Settings', intro, parts) }
}

/** With which editors complete and check a service.json. */
function schemaFile(): Page {
  const text = `${JSON.stringify(serviceJsonSchema(), null, 2)}\n`
  return { file: 'schema/service.schema.json', text }
}

function apiPage(): Page {
  const intro =
    'Send `Authorization: <token>` or `Authorization: Bearer <token>`. Every answer carries `X-Request-Id`; every error has one shape ([errors.md](errors.md)). `GET /openapi.json` has the schemas, with examples.'
  return { file: 'docs/reference/api.md', text: page('API', intro, apiSections()) }
}

function page(title: string, intro: string, parts: readonly string[]): string {
  const note = '<!-- Made by `npm run docs`; edit the registry that it is made from instead. -->'
  return `${[`# ${title}`, note, intro, ...parts].join('\n\n')}\n`
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map(escapeCell).join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}

function escapeCell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ')
}
