import { createWriteStream, mkdtempSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { type CliCommand, type CommandCall, makeCommand } from '../../cli/command.ts'
import { untilInterrupted } from '../../cli/until-interrupted.ts'
import { API_VERSION } from '../../registry/api-version.ts'
import { makeJsonLog } from '../../adapters/node/json-log.ts'
import { type DemoParts, runDemo } from '../demo/run-demo.ts'
import { makePrivateFolder } from '../make-private-folder.ts'
import { startLocalService } from '../start-service.ts'

const SERVICE_FILE = resolve(import.meta.dirname, '../../../examples/digits/service.json')

export const demoCommand: CliCommand = (line) =>
  makeCommand({
    name: 'demo',
    summary: 'Show the whole service at work: real trainings, scaled, then served and asked.',
    description:
      'Starts the service of examples/digits on free ports in a folder of its own, trains five classifiers of handwritten digits, asks the best of them and shows what the scaler decides. Needs python3. Takes one to two minutes.',
    examples: [{ line: 'scalable-job demo', what: 'The whole story.' }],
  }).action((_options, command) => line.run(command, run))

async function run({ io, paint }: CommandCall): Promise<number> {
  io.outliveOutput?.()
  // From before the start on, so that there is no moment in which Ctrl-C would leave workers.
  return untilInterrupted(
    io,
    async (signal) => {
      const code = await runInFolder(makeStateFolder(io.cwd), { output: io.stdout, paint, signal })
      signal.throwIfAborted()
      return code
    },
    'interrupted\n',
  )
}

async function runInFolder(
  stateDir: string,
  showing: Pick<DemoParts, 'output' | 'paint' | 'signal'>,
): Promise<number> {
  const logFile = createWriteStream(join(stateDir, 'service.log'))
  // A full disk must not end what it tells about.
  logFile.on('error', () => undefined)
  const local = await startLocalService({
    serviceFile: SERVICE_FILE,
    stateDir,
    host: '127.0.0.1',
    port: 0,
    log: makeJsonLog({ write: (line) => logFile.write(line), level: 'info' }),
    logLevel: 'info',
    version: API_VERSION,
  })
  const hurry = () => void local.stop('hurry')
  showing.signal.addEventListener('abort', hurry)
  try {
    showing.signal.throwIfAborted()
    showing.output.write(`Console: ${local.url}/#token=${local.token}\n`)
    return await runDemo({ ...showing, local, serviceDir: dirname(SERVICE_FILE) })
  } finally {
    await local.stop('hurry')
    logFile.end()
  }
}

function makeStateFolder(cwd: string): string {
  const parent = join(cwd, '.scalable-job')
  makePrivateFolder(parent)
  return mkdtempSync(join(parent, 'demo-'))
}
