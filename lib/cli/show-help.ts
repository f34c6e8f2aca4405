import { ENV } from '../registry/env.ts'
import type { Command, OptionSpec } from './command.ts'

/** Options that every command takes. */
export const GLOBAL_OPTIONS: Readonly<Record<string, OptionSpec>> = {
  url: { value: 'URL', what: `Address of the API (or ${ENV.apiUrl.name}).` },
  token: { value: 'TOKEN', what: `Token for the API (or ${ENV.token.name}).` },
  json: { what: 'Print JSON instead of text.' },
  help: { short: 'h', what: 'Show this help.' },
  version: { short: 'v', what: 'Show the version of Scalable Job.' },
}

const WIDTH = 92

/** The list of all commands: what `scalable-job --help` prints. */
export function showCommands(commands: readonly Command[]): string {
  const rows = commands.map(({ name, summary }) => [name, summary] as const)
  return [
    'Usage: scalable-job <command> [options]\n\n',
    'Commands:\n',
    formatPairs(rows),
    '\nOptions of every command:\n',
    formatPairs(optionRows(GLOBAL_OPTIONS)),
    '\nWithout --url and the environment, the service that runs in this folder is used.\n',
    'More on a command: scalable-job <command> --help\n',
  ].join('')
}

/** Everything about one command: what `scalable-job <command> --help` prints. */
export function showCommand(command: Command): string {
  const { name, usage, description, options, examples } = command
  const own = optionRows(options)
  return [
    `Usage: scalable-job ${`${name} ${usage}`.trim()}\n\n`,
    `${wrap(description, 0)}\n`,
    own.length === 0 ? '' : `\nOptions:\n${formatPairs(own)}`,
    `\nOptions of every command:\n${formatPairs(optionRows(GLOBAL_OPTIONS))}`,
    examples.length === 0 ? '' : '\nExamples:\n',
    ...examples.map(({ line, what }) => `  ${line}\n      ${what}\n`),
  ].join('')
}

/** An option as it is typed: `--run-seconds SECONDS`, `-f, --follow`. */
export function optionWord(name: string, { value, short }: OptionSpec): string {
  const word = value === undefined ? `--${name}` : `--${name} ${value}`
  return short === undefined ? word : `-${short}, ${word}`
}

function optionRows(options: Readonly<Record<string, OptionSpec>>) {
  return Object.entries(options).map(([name, spec]) => {
    const what = spec.many === true ? `${spec.what} May be repeated.` : spec.what
    return [optionWord(name, spec), what] as const
  })
}

function formatPairs(rows: readonly (readonly [string, string])[]): string {
  const column = Math.max(...rows.map(([word]) => word.length)) + 4
  return rows.map(([word, what]) => `  ${word.padEnd(column - 2)}${wrap(what, column)}\n`).join('')
}

function wrap(text: string, indent: number): string {
  const lines = ['']
  for (const word of text.split(/\s+/)) {
    const line = lines.at(-1) ?? ''
    const joined = line === '' ? word : `${line} ${word}`
    if (joined.length > WIDTH - indent && line !== '') lines.push(word)
    else lines[lines.length - 1] = joined
  }
  return lines.join(`\n${' '.repeat(indent)}`)
}
