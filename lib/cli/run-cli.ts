import { Command, CommanderError, type CommandUnknownOpts } from '@commander-js/extra-typings'
import { connect } from '../client/connect.ts'
import { nearestName } from '../parsing/nearest-name.ts'
import { API_VERSION } from '../registry/package-files.ts'
import { ENV } from '../registry/env.ts'
import type { CliCommand, CommandCall, CommandLine } from './command.ts'
import { type CliIo, EXIT, UsageError } from './io.ts'
import { makePaint } from './paint.ts'
import { showError } from './show-error.ts'

const HELP_WIDTH = 92

/**
 * Runs one command line.
 *
 * @param words what follows `scalable-job`
 * @param commands the commands there are, in the order of the help
 * @returns the exit code: 0 done, 1 the service or the job says no, 2 the line cannot be
 * understood, 130 interrupted; a followed job's own exit status
 */
export async function runCli(
  words: readonly string[],
  io: CliIo,
  commands: readonly CliCommand[],
): Promise<number> {
  const at = words.includes('--') ? words.indexOf('--') : words.length
  let code: number = EXIT.ok
  const line: CommandLine = {
    run: async (command, action, takes = { words: false }) => {
      const call = makeCall(command, io, words.slice(at + 1))
      if (!takes.words && call.words.length > 0) {
        throw new UsageError(`${command.name()} takes no words after --`, seeHelp(command.name()))
      }
      code = await action(call)
    },
  }
  const program = makeProgram(line, commands, io)
  const given = words[0] === 'version' ? ['--version'] : words.slice(0, at)
  try {
    await program.parseAsync(given, { from: 'user' })
    return code
  } catch (error) {
    if (!(error instanceof CommanderError)) return showError(error, io)
    if (SHOWN.has(error.code)) return error.exitCode === 0 ? EXIT.ok : EXIT.usage
    return showError(toUsageError(error, program, given), io)
  }
}

/** Help and version, which end the parser with an error as well. */
const SHOWN: ReadonlySet<string> = new Set([
  'commander.help',
  'commander.helpDisplayed',
  'commander.version',
])

/** The whole command line: options of every command, and the commands. */
export function makeProgram(
  line: CommandLine,
  commands: readonly CliCommand[],
  { stdout, stderr }: Pick<CliIo, 'stdout' | 'stderr'>,
) {
  const program = new Command('scalable-job')
    .usage('<command> [options]')
    .version(`scalable-job ${API_VERSION}`, '-v, --version', 'Show the version of Scalable Job.')
    .option('--url <URL>', `Address of the API (or ${ENV.apiUrl.name}).`)
    .option('--token <TOKEN>', `Token for the API (or ${ENV.token.name}).`)
    .option('--json', 'Print JSON instead of text.')
    .helpOption('-h, --help', 'Show this help.')
    .helpCommand('help [command]', 'Show the help of a command.')
    .addHelpText(
      'after',
      '\nWithout --url and the environment, the service that runs in this folder is used.\nMore on a command: scalable-job <command> --help',
    )
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({
      writeOut: (text) => stdout.write(text),
      writeErr: (text) => stderr.write(text),
      // Shown by `showError`.
      outputError: () => undefined,
      getOutHelpWidth: () => HELP_WIDTH,
      getErrHelpWidth: () => HELP_WIDTH,
    })
    .exitOverride()
  for (const make of commands) {
    const command = make(line).copyInheritedSettings(program)
    program.addCommand(command)
  }
  return program
}

interface GlobalOptions {
  readonly url?: string
  readonly token?: string
  readonly json?: true
}

function makeCall(command: CommandUnknownOpts, io: CliIo, words: readonly string[]): CommandCall {
  const { url, token, json } = command.optsWithGlobals() as GlobalOptions
  return {
    io,
    words,
    json: json === true,
    show: (value, text) =>
      void io.stdout.write(json === true ? `${JSON.stringify(value, null, 2)}\n` : text()),
    paint: makePaint(io.stdout, io.env),
    connect: () => connect({ url, token, env: io.env, cwd: io.cwd }),
  }
}

/** The parser's own words, and in any case what may be typed instead. */
function toUsageError(
  { code, message }: CommanderError,
  program: Pick<CommandUnknownOpts, 'commands'>,
  given: readonly string[],
): UsageError {
  const [what = '', suggestion] = message.replace(/^error: /, '').split('\n')
  const names = program.commands.map((command) => command.name())
  if (suggestion !== undefined) {
    return new UsageError(what, suggestion.replace(/^\(D(.*)\)$/, 'd$1'))
  }
  if (code === 'commander.unknownCommand') {
    const near = nearestName(given.find((word) => !word.startsWith('-')) ?? '', names)
    return new UsageError(what, near ? `did you mean ${near}?` : `commands: ${names.join(', ')}`)
  }
  const named = names.find((name) => given.includes(name))
  return new UsageError(what, seeHelp(named))
}

function seeHelp(name: string | undefined): string {
  return `scalable-job ${name === undefined ? '' : `${name} `}--help shows what it takes`
}
