/** What a command of the command line is; one file each in `commands/`. */
import { Command, type CommandUnknownOpts } from '@commander-js/extra-typings'
import type { Client } from '../client/client.ts'
import type { CliIo } from './io.ts'
import type { Paint } from './paint.ts'

/** What a command is given besides its own words and options. */
export interface CommandCall {
  readonly io: CliIo
  readonly paint: Paint
  /** `--json` */
  readonly json: boolean
  /** Prints a value as JSON under `--json`, and otherwise this text. */
  readonly show: (value: unknown, text: () => string) => void
  /** Everything after `--`, untouched. */
  readonly words: readonly string[]
  /** The API of the service that options, environment or current folder name. */
  readonly connect: () => Client
}

/** The line that is being run. */
export interface CommandLine {
  /**
   * Does what the command is for, once its line is understood.
   *
   * @param action gives the exit code
   */
  run(
    command: CommandUnknownOpts,
    action: (call: CommandCall) => number | Promise<number>,
    takes?: { readonly words: boolean },
  ): Promise<void>
}

/** Makes a command anew for each line: a parser remembers what it has read. */
export type CliCommand = (line: CommandLine) => CommandUnknownOpts

interface CommandTexts {
  readonly name: string
  /** One line for the list of commands. */
  readonly summary: string
  /** More than the summary says, in whole sentences. */
  readonly description: string
  readonly examples: readonly { readonly line: string; readonly what: string }[]
}

/** A command without options and words yet. */
export function makeCommand({ name, summary, description, examples }: CommandTexts): Command {
  const shown = examples.map(({ line, what }) => `  ${line}\n      ${what}\n`)
  return new Command(name)
    .summary(summary)
    .description(description)
    .helpOption('-h, --help', 'Show this help.')
    .addHelpText('after', `\nExamples:\n${shown.join('')}`)
}
