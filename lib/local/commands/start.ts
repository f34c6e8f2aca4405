import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { InvalidArgumentError, Option } from '@commander-js/extra-typings'
import { type CliCommand, makeCommand } from '../../cli/command.ts'
import { type CliIo, EXIT, UsageError } from '../../cli/io.ts'
import { whole } from '../../cli/read-values.ts'
import { API_VERSION, EXAMPLE_SERVICE } from '../../registry/package-files.ts'
import { ENV, LOG_LEVELS, type LogLevel } from '../../registry/env.ts'
import { makeJsonLog } from '../../adapters/node/json-log.ts'
import { onServiceNode } from '../run-program.ts'

export const startCommand: CliCommand = (line) =>
  makeCommand({
    name: 'start',
    summary: 'Run a service on this machine until Ctrl-C.',
    description:
      'The same API, worker and scaler as in the cloud, over a folder. Without a path it takes service.json of the current folder, or else the digits example. Ctrl-C drains: running jobs get the stop time of the service, then give themselves back and go on at the next start. A second Ctrl-C does not wait.',
    examples: [
      { line: 'scalable-job start', what: 'The service.json of this folder.' },
      { line: 'scalable-job start jobs/service.json --port 0', what: 'On any free port.' },
      {
        line: 'scalable-job start --host 0.0.0.0 --public-url http://gpu-box.lan:8700',
        what: 'For a whole network.',
      },
    ],
  })
    .argument('[service.json]', 'The service.')
    .option(
      '--port <PORT>',
      'Port of the API and the console; 0 for any free one.',
      whole(0, 65_535),
      8700,
    )
    .option(
      '--host <HOST>',
      'Address to listen on. The default is for this machine only.',
      '127.0.0.1',
    )
    .option(
      '--public-url <URL>',
      'Address under which others reach this service; links to files begin with it. Default: as it listens.',
      publicUrl,
    )
    .option(
      '--state <FOLDER>',
      'Folder for everything that survives a restart.',
      ENV.stateDir.default,
    )
    .addOption(
      new Option(
        '--log-level <LEVEL>',
        `What goes to stderr. Default: ${ENV.logLevel.name}, or warn.`,
      ).choices(LOG_LEVELS),
    )
    .action((file, options, command) => line.run(command, ({ io }) => run(io, file, options)))

interface StartOptions {
  readonly port: number
  readonly host: string
  readonly publicUrl?: string | undefined
  readonly state: string
  readonly logLevel?: LogLevel | undefined
}

async function run(io: CliIo, file: string | undefined, options: StartOptions): Promise<number> {
  // Before anything runs: jobs must not depend on who reads the log, nor on a full disk below it.
  io.outliveOutput?.()
  const { port, host, publicUrl: address, state } = options
  const logLevel = options.logLevel ?? readLogLevel(io.env[ENV.logLevel.name] ?? 'warn')
  const serviceFile = findServiceFile(io.cwd, file)
  const settings = {
    serviceFile,
    stateDir: resolve(io.cwd, state),
    host,
    port,
    ...(address !== undefined && { publicUrl: address }),
    log: makeJsonLog({ write: (text) => io.stderr.write(text), level: logLevel }),
    logLevel,
    version: API_VERSION,
  }
  return onServiceNode(async () => {
    const { runService } = await import('../run-service.ts')
    await runService(settings, io.stdout)
    return EXIT.ok
  })
}

function findServiceFile(cwd: string, given: string | undefined): string {
  if (given !== undefined) return resolve(cwd, given)
  const here = resolve(cwd, 'service.json')
  return existsSync(here) ? here : EXAMPLE_SERVICE
}

function publicUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined
  const isHttp = url !== undefined && /^https?:$/.test(url.protocol)
  if (isHttp && url.search + url.hash + url.username === '') return url.href.replace(/\/+$/, '')
  throw new InvalidArgumentError(
    'It must be http:// or https://, a host and perhaps a port and a path: https://jobs.example.org',
  )
}

function readLogLevel(text: string): LogLevel {
  const level = LOG_LEVELS.find((each) => each === text)
  if (level !== undefined) return level
  const hint = `it is one of ${LOG_LEVELS.join(', ')}`
  throw new UsageError(`${ENV.logLevel.name} is ${text}`, hint)
}
