import type { CliOutput } from '../cli/io.ts'
import { type LocalService, type LocalServiceOptions, startLocalService } from './start-service.ts'
import { waitForStop } from './wait-for-stop.ts'
import { welcome } from './welcome.ts'

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
