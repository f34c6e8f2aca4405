import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { type Command, type CommandCall, EXIT, UsageError } from '../../cli/command.ts'
import { API_VERSION } from '../../registry/api-version.ts'
import { ENV } from '../../registry/env.ts'
import { LOG_LEVELS, type LogLevel, makeJsonLog } from '../../adapters/node/json-log.ts'
import { type LocalService, startLocalService } from '../start-service.ts'
import { waitForStop } from '../wait-for-stop.ts'
import { welcome } from '../welcome.ts'

const EXAMPLE_FILE = resolve(import.meta.dirname, '../../../examples/digits/service.json')
const DEFAULT_PORT = 8700

export const startCommand: Command = {
  name: 'start',
  summary: 'Runs a service on this machine until Ctrl-C.',
  usage:
    '[service.json] [--port 8700] [--host 127.0.0.1] [--public-url URL] [--state .scalable-job]',
  description:
    'The same API, worker and scaler as in the cloud, over a folder. Without a path it takes service.json of the current folder, or else the digits example. Ctrl-C drains: running jobs get the stop time of the service, then give themselves back and go on at the next start. A second Ctrl-C does not wait.',
  takes: { min: 0, max: 1 },
  options: {
    port: { value: 'PORT', what: 'Port of the API and the console; 0 for any free one. 8700.' },
    host: { value: 'HOST', what: 'Address to listen on. 127.0.0.1: this machine only.' },
    'public-url': {
      value: 'URL',
      what: 'Address under which others reach this service; links to files begin with it. As it listens.',
    },
    state: {
      value: 'FOLDER',
      what: 'Folder for everything that survives a restart. .scalable-job',
    },
    'log-level': { value: 'LEVEL', what: 'debug, info, warn or error; goes to stderr. warn.' },
  },
  examples: [
    { line: 'scalable-job start', what: 'the service.json of this folder' },
    { line: 'scalable-job start jobs/service.json --port 0', what: 'on any free port' },
    {
      line: 'scalable-job start --host 0.0.0.0 --public-url http://gpu-box.lan:8700',
      what: 'for a whole network',
    },
  ],
  run,
}

async function run({ positionals, options, io }: CommandCall): Promise<number> {
  // Before anything runs: jobs must not depend on who reads the log, nor on a full disk below it.
  io.outliveOutput?.()
  const serviceFile = findServiceFile(io.cwd, positionals[0])
  const level = readLogLevel(options.text('log-level') ?? io.env[ENV.logLevel.name] ?? 'warn')
  const publicUrl = readPublicUrl(options.text('public-url'))
  const local = await startLocalService({
    serviceFile,
    stateDir: resolve(io.cwd, options.text('state') ?? ENV.stateDir.default),
    host: options.text('host') ?? '127.0.0.1',
    port: readPort(options.text('port')),
    ...(publicUrl !== undefined && { publicUrl }),
    log: makeJsonLog({ write: (line) => io.stderr.write(line), level }),
    logLevel: level,
    version: API_VERSION,
  })
  io.stdout.write(welcome(local, serviceFile))
  await waitForStop((count) => stop(local, count, io.stdout))
  return EXIT.ok
}

/** Resolves when nothing of the service runs any more. */
async function stop(
  local: LocalService,
  count: number,
  output: { write(text: string): unknown },
): Promise<void> {
  const { stopSeconds } = local.service.timing
  if (count === 1) {
    output.write(
      `\nDraining: running jobs have ${stopSeconds} s to end; after that they go on at the next start. Ctrl-C again does not wait.\n`,
    )
    await local.stop('drain')
  } else {
    output.write('Stopping now; running jobs go on at the next start.\n')
    await local.stop('hurry')
  }
}

function findServiceFile(cwd: string, given: string | undefined): string {
  if (given !== undefined) return resolve(cwd, given)
  const here = resolve(cwd, 'service.json')
  return existsSync(here) ? here : EXAMPLE_FILE
}

function readPort(text: string | undefined): number {
  const port = Number(text ?? DEFAULT_PORT)
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port
  throw new UsageError(
    `--port ${text} is no port`,
    'a whole number from 0 (any free port) to 65535',
  )
}

function readPublicUrl(text: string | undefined): string | undefined {
  if (text === undefined) return undefined
  const url = URL.parse(text)
  const isPlain = url !== null && /^https?:$/.test(url.protocol) && url.search + url.hash === ''
  if (isPlain && url.username === '') return url.href.replace(/\/+$/, '')
  throw new UsageError(
    `--public-url ${text} is no address of a service`,
    'http:// or https://, a host and perhaps a port and a path: https://jobs.example.org',
  )
}

function readLogLevel(text: string): LogLevel {
  const level = LOG_LEVELS.find((each) => each === text)
  if (level !== undefined) return level
  throw new UsageError(`--log-level ${text} is unknown`, `one of ${LOG_LEVELS.join(', ')}`)
}
