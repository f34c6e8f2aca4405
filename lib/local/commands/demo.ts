import { mkdtempSync, mkdirSync, createWriteStream } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import type { Command } from '../../cli/command.ts'
import { makeJsonLog } from '../../embedded/json-log.ts'
import { runDemo } from '../demo/run-demo.ts'
import { startLocalService } from '../start-service.ts'
import { API_VERSION } from '../../api-version.ts'

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
  run: async ({ io, paint }) => {
    const stateDir = makeStateFolder(io.cwd)
    const logFile = createWriteStream(join(stateDir, 'service.log'))
    const log = makeJsonLog({ write: (line) => logFile.write(line), level: 'info' })
    const local = await startLocalService({
      serviceFile: SERVICE_FILE,
      stateDir,
      host: '127.0.0.1',
      port: 0,
      log,
      logLevel: 'info',
      version: API_VERSION,
    })
    io.stdout.write(`Console: ${local.url}/#token=${local.token}\n`)
    const stopListening = io.onInterrupt?.(() => void local.stop('hurry'))
    try {
      return await runDemo({ local, serviceDir: dirname(SERVICE_FILE), output: io.stdout, paint })
    } finally {
      stopListening?.()
      await local.stop('hurry')
      logFile.end()
    }
  },
}

function makeStateFolder(cwd: string): string {
  const parent = join(cwd, '.scalable-job')
  mkdirSync(parent, { recursive: true, mode: 0o700 })
  return mkdtempSync(join(parent, 'demo-'))
}
