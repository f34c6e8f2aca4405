import { createWriteStream, mkdtempSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { type Command, type CommandCall, EXIT } from '../../cli/command.ts'
import { API_VERSION } from '../../registry/api-version.ts'
import { makeJsonLog } from '../../adapters/node/json-log.ts'
import { type DemoParts, runDemo } from '../demo/run-demo.ts'
import { makePrivateFolder } from '../make-private-folder.ts'
import { startLocalService } from '../start-service.ts'

const SERVICE_FILE = resolve(import.meta.dirname, '../../../examples/digits/service.json')

export const demoCommand: Command = {
  name: 'demo',
  summary: 'Shows the whole service at work: real trainings, scaled, then served and asked.',
  usage: '',
  description:
    'Starts the service of examples/digits on free ports in a folder of its own, trains five classifiers of handwritten digits, asks the best of them and shows what the scaler decides. Needs python3. About a minute.',
  takes: { min: 0, max: 0 },
  options: {},
  examples: [{ line: 'scalable-job demo', what: 'the whole story' }],
  run,
}

async function run({ io, paint }: CommandCall): Promise<number> {
  io.outliveOutput?.()
  const interrupted = new AbortController()
  const { signal } = interrupted
  // From before the start on, so that there is no moment in which Ctrl-C would leave workers.
  const stopListening = io.onInterrupt?.(() => interrupted.abort())
  try {
    const code = await runInFolder(makeStateFolder(io.cwd), { output: io.stdout, paint, signal })
    signal.throwIfAborted()
    return code
  } catch (error) {
    if (!signal.aborted) throw error
    io.stderr.write('\ninterrupted\n')
    return EXIT.interrupted
  } finally {
    stopListening?.()
  }
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
