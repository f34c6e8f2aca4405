import { createWriteStream, mkdtempSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { makeJsonLog } from '../../../lib/adapters/node/json-log.ts'
import type { CommandCall } from '../../../lib/cli/command.ts'
import { untilInterrupted } from '../../../lib/cli/io.ts'
import { API_VERSION, EXAMPLE_SERVICE } from '../../../lib/registry/package-files.ts'
import { makePrivateFolder } from '../../../lib/local/state/make-private-folder.ts'
import { startLocalService } from '../../../lib/local/start-service.ts'
import { type DemoParts, runDemo } from './run-demo.ts'

/** Starts the digits example, tells its story, and ends it, also at Ctrl-C. */
export async function playDemo({ io, paint }: CommandCall): Promise<number> {
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
    serviceFile: EXAMPLE_SERVICE,
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
    return await runDemo({ ...showing, local, serviceDir: dirname(EXAMPLE_SERVICE) })
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
