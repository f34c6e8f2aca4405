import process from 'node:process'
import type { CliOutput } from '../cli/io.ts'
import type { LocalServiceOptions } from './open-service.ts'
import { type LocalService, startLocalService } from './start-service.ts'

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

const COMMAND = { taskType: 'command', command: 'echo hello from job $SCALABLE_JOB_ID' }
/** For a service that takes nothing else. */
const QUERY = { taskType: 'query', request: { path: '/' }, input: { hello: 'model' } }

/**
 * Runs a service until a signal asks it to stop.
 *
 * @throws ServiceError where the service cannot start
 */
export async function runService(options: LocalServiceOptions, output: CliOutput): Promise<void> {
  const local = await startLocalService(options)
  output.write(welcome(local, options.serviceFile))
  await waitForStop((count) => stop(local, count, output))
}

/** Resolves when nothing of the service runs any more. */
async function stop(local: LocalService, count: number, output: CliOutput): Promise<void> {
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

/**
 * Resolves once the service has stopped: at the first signal it is asked to, at each further one it
 * is told to hurry.
 *
 * @param onSignal gets how many signals there were; resolves when the service has stopped
 */
function waitForStop(onSignal: (count: number) => Promise<void>): Promise<void> {
  return new Promise((resolve, reject) => {
    let count = 0
    for (const signal of SIGNALS) {
      process.on(signal, () => {
        count += 1
        onSignal(count).then(resolve, reject)
      })
    }
  })
}

/** What a person needs first: the address, the token, and a line that works when pasted. */
function welcome(local: LocalService, file: string): string {
  const { service, url, publicUrl, token, folders } = local
  const { min, max } = service.scaling
  const lines = [
    `Service "${service.name}" from ${file}`,
    '',
    `  API      ${publicUrl}`,
    `  Console  ${publicUrl}/#token=${token}`,
    `  Token    ${token}`,
    `  Workers  ${min} to ${max}, jobs of type ${service.taskTypes.join(' and ')}`,
    `  State    ${folders.state}`,
    '',
    'Submit a job (paste this in another terminal):',
    '',
    `  curl -sS '${url}/jobs' -H 'Authorization: Bearer ${token}' -H 'Content-Type: application/json' \\`,
    `    -d '${JSON.stringify(service.taskTypes.includes('command') ? COMMAND : QUERY)}'`,
    '',
    'and look at it: npx scalable-job list, or the console above. Ctrl-C drains and stops.',
    '',
  ]
  const ignored = service.ignored.map(({ path, why }) => `  ${path}: ${why}`)
  if (ignored.length > 0) lines.push('Keys without a meaning here:', ...ignored, '')
  return `${lines.join('\n')}\n`
}
