import { API_VERSION } from '../registry/api-version.ts'
import { formatDetails, ServiceError } from '../registry/errors.ts'
import { connect } from '../client/connect.ts'
import { ApiError } from '../client/api-error.ts'
import { closestWord } from './closest-word.ts'
import { type CliIo, type Command, type CommandCall, EXIT, UsageError } from './command.ts'
import { fixOf } from './cli-fixes.ts'
import { makePaint } from './paint.ts'
import { printable } from './printable.ts'
import { type ReadLine, readOptions } from './read-options.ts'
import { GLOBAL_OPTIONS, showCommand, showCommands } from './show-help.ts'

const VERSION_LINE = `scalable-job ${API_VERSION}\n`

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
  commands: readonly Command[],
): Promise<number> {
  try {
    const { name, others } = splitLine(words)
    if (name === undefined || name === 'help' || name === 'version')
      return showGeneral({ name, others }, io, commands)
    const command = findCommand(name, commands)
    const line = readOptions(others, { ...command.options, ...GLOBAL_OPTIONS })
    if (line.options.flag('help')) return show(io, showCommand(command))
    if (line.options.flag('version')) return show(io, VERSION_LINE)
    checkPositionals(command, line)
    return await command.run(makeCall(line, io))
  } catch (error) {
    return showError(error, io)
  }
}

/** The first word that is no option is the command; `--url X` and `--token X` may stand before it. */
function splitLine(words: readonly string[]): { name?: string; others: string[] } {
  const others = [...words]
  for (let index = 0; index < others.length; index += 1) {
    const word = others[index] ?? ''
    if (word === '--') break
    if (!word.startsWith('-')) {
      others.splice(index, 1)
      return { name: word, others }
    }
    if (GLOBAL_OPTIONS[word.slice(2)]?.value !== undefined) index += 1
  }
  return { others }
}

/** A line that names no command but asks about them. */
function showGeneral(
  { name, others }: { name: string | undefined; others: readonly string[] },
  io: CliIo,
  commands: readonly Command[],
): number {
  const { positionals, options } = readOptions(others, GLOBAL_OPTIONS)
  const about = positionals[0]
  if (about !== undefined && name === 'help') {
    return show(io, showCommand(findCommand(about, commands)))
  }
  if (name === 'help' || options.flag('help')) return show(io, showCommands(commands))
  if (name === 'version' || options.flag('version')) return show(io, VERSION_LINE)
  io.stderr.write(showCommands(commands))
  return EXIT.usage
}

function show(io: CliIo, text: string): number {
  io.stdout.write(text)
  return EXIT.ok
}

function findCommand(name: string, commands: readonly Command[]): Command {
  const found = commands.find((command) => command.name === name)
  if (found !== undefined) return found
  const names = commands.map((command) => command.name)
  const near = closestWord(name, names)
  throw new UsageError(
    `unknown command ${name}`,
    near === undefined ? `commands: ${names.join(', ')}` : `did you mean ${near}?`,
  )
}

function checkPositionals(command: Command, { positionals, rest }: ReadLine): void {
  const { min, max, rest: takesRest } = command.takes
  const usage = `usage: scalable-job ${`${command.name} ${command.usage}`.trim()}`
  if (positionals.length < min) throw new UsageError(`${command.name} needs more words`, usage)
  const extra = positionals[max] ?? (takesRest === true ? undefined : rest[0])
  if (extra !== undefined) throw new UsageError(`unexpected word ${extra}`, usage)
}

function makeCall(line: ReadLine, io: CliIo): CommandCall {
  return {
    ...line,
    io,
    paint: makePaint(io.stdout, io.env),
    connect: () => {
      const { options } = line
      return connect({
        url: options.text('url'),
        token: options.text('token'),
        env: io.env,
        cwd: io.cwd,
      })
    },
  }
}

function showError(error: unknown, io: CliIo): number {
  const paint = makePaint(io.stderr, io.env)
  const tell = (lines: readonly string[]) => io.stderr.write(`${lines.join('\n')}\n`)
  const headline = (text: string) => `${paint('red', 'error:')} ${printable(text)}`
  if (error instanceof UsageError) {
    tell([headline(error.message), ...(error.hint === undefined ? [] : [error.hint])])
    return EXIT.usage
  }
  if (error instanceof ApiError || error instanceof ServiceError) {
    const details = formatDetails(error.details)
      .split('\n')
      .filter((line) => line !== '')
    const requestId = error instanceof ApiError ? error.requestId : undefined
    const request = requestId === undefined ? [] : [`request id: ${requestId}`]
    const fix = `${paint('bold', 'fix:')} ${printable(error instanceof ApiError ? fixOf(error) : error.fix)}`
    tell([headline(error.message), ...details.map(printable), fix, ...request.map(printable)])
    return error instanceof ApiError && error.code === 'no-service' ? EXIT.usage : EXIT.failed
  }
  tell([headline(error instanceof Error ? error.message : String(error))])
  return EXIT.failed
}
