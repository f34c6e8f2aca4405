/**
 * The whole service in one process tree on one machine: the same API, worker, scaler and ports as in
 * the cloud; only the adapters differ.
 *
 * Comes up: port, stores, fleet (which first makes sure that nothing of an earlier life runs any
 * more), API, scaler. Goes down: API, scaler, workers (drained), stores.
 */
import { replaceFile } from '../adapters/node/replace-file.ts'
import { readServiceFile } from '../service/read-service-file.ts'
import type { Service } from '../service/service.ts'
import { listen } from './http/listen.ts'
import { type LocalServiceOptions, openService } from './open-service.ts'
import { type LocalFolders, makeLocalFolders } from './state/local-folders.ts'
import { makeStop } from './stop-service.ts'

export interface LocalService {
  readonly service: Service
  /** For programs of this machine. */
  readonly url: string
  /** For everybody else; links to files begin with it. */
  readonly publicUrl: string
  readonly token: string
  readonly folders: LocalFolders
  /**
   * `drain`: takes no more jobs and lets running ones end while the stop time of the service lasts;
   * the others are given back and run on at the next start. `hurry`, also after `drain`: they are
   * given back at once.
   */
  stop(how: 'drain' | 'hurry'): Promise<void>
}

/**
 * @throws ServiceError `invalid-service-config`, `address-in-use`, `already-running`,
 *   `unusable-state`, `newer-state`
 */
export async function startLocalService(options: LocalServiceOptions): Promise<LocalService> {
  const { log } = options
  const service = readServiceFile(options.serviceFile)
  const folders = makeLocalFolders(options.stateDir)
  // A start that fails ends all that is up by then: workers without a service would go on taking jobs.
  await using opened = new AsyncDisposableStack()
  const listener = await listen(options)
  opened.defer(() => listener.close(0))
  const running = await openService({ options, service, folders, listener, opened })
  listener.serve(running.front)
  writeAddress(folders, { url: listener.url, token: running.token })
  opened.move() // from here on `stop` ends it
  log.info('service started', { service: service.name, url: listener.url })
  const stop = makeStop({ ...running, service, log, listener, folders })
  const { url } = listener
  const publicUrl = options.publicUrl ?? url
  return { service, url, publicUrl, token: running.token, folders, stop }
}

/** Only its owner may read it: it holds the token. */
function writeAddress(folders: LocalFolders, address: { url: string; token: string }): void {
  replaceFile(folders.addressFile, `${JSON.stringify(address)}\n`)
}
