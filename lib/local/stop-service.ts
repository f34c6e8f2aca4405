import { rmSync } from 'node:fs'
import type { Supervisor } from '../adapters/child-processes/open-supervisor.ts'
import type { Embedded } from '../adapters/open-embedded.ts'
import type { Log } from '../ports/log.ts'
import type { Service } from '../service/service.ts'
import type { Listener } from './http/listen.ts'
import type { startFrontEnd } from './programs/front-end.ts'
import type { Running } from './start-loops.ts'
import type { LocalFolders } from './state/local-folders.ts'

/** Behind the stop time: SIGTERM and grace of the jobs, their last checkpoint, the release. */
const STOP_MARGIN_SECONDS = 60
/** For workers that are to stop at once. */
export const HURRY_SECONDS = 10
/** Long polls end by themselves within 20 s; nobody waits that long for a stop. */
const HTTP_GRACE_MS = 1000

/** How long a worker may take to stop, with all that its jobs need for it. */
export function drainSecondsOf({ timing }: Service): number {
  return timing.stopSeconds + STOP_MARGIN_SECONDS
}

/** All that runs of a service on one machine. */
export interface RunningService {
  readonly service: Service
  readonly stores: Embedded
  readonly supervisor: Supervisor
  readonly scaler: Running
  readonly collector: Running
  readonly log: Log
  readonly listener: Listener
  readonly folders: LocalFolders
  readonly frontEnd: ReturnType<typeof startFrontEnd>
}

/** Ends the service: API, scaler, workers, stores. A further call with `hurry` shortens the grace. */
export function makeStop(running: RunningService) {
  const { stores, supervisor, scaler, collector, listener, frontEnd } = running
  let stopping: Promise<void> | undefined
  return (how: 'drain' | 'hurry'): Promise<void> => {
    const graceSeconds = how === 'drain' ? drainSecondsOf(running.service) : HURRY_SECONDS
    if (stopping !== undefined) {
      void supervisor.stopAll({ graceSeconds })
      return stopping
    }
    stopping = (async () => {
      removeAddress(running)
      await Promise.all([
        listener.close(HTTP_GRACE_MS),
        scaler.stop(),
        collector.stop(),
        frontEnd?.close(),
      ])
      await supervisor.stopAll({ graceSeconds })
      await stores.close()
    })()
    return stopping
  }
}

/** A disk that fails must not keep the workers from being stopped. */
function removeAddress({ folders, log }: RunningService): void {
  try {
    rmSync(folders.addressFile, { force: true })
  } catch (error) {
    log.warn('the address file stays', { error: String(error) })
  }
}
