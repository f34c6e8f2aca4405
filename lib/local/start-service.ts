/**
 * The whole service in one process tree on one machine: the same API, worker, scaler and ports as in
 * the cloud; only the adapters differ.
 *
 * Comes up: port, stores, fleet (which first makes sure that nothing of an earlier life runs any
 * more), API, scaler. Goes down: API, scaler, workers (drained), stores.
 */
import { randomUUID } from 'node:crypto'
import { rmSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { makeApp } from '../api/make-app.ts'
import { makeTokenSet } from '../api/auth/token-set.ts'
import { WakeableTimer } from '../pace/wakeable-timer.ts'
import { runLooks } from '../scaler/look/run-looks.ts'
import type { ScalerDeps } from '../scaler/look/scaler-deps.ts'
import { makeIdGenerator } from '../job/job-id.ts'
import type { Service } from '../service/service.ts'
import { type Embedded, openEmbedded } from '../adapters/open-embedded.ts'
import { serveFileLink } from '../adapters/folder/serve-file-link.ts'
import { openSupervisor, type Supervisor } from '../adapters/child-processes/open-supervisor.ts'
import { systemClock } from '../adapters/node/system-clock.ts'
import type { Log } from '../ports/log.ts'
import { copyWorkerProgram, removeOtherPrograms } from './worker-program.ts'
import { startFrontEnd } from './front-end.ts'
import { collectOldFiles } from './collect-old-files.ts'
import { type Listener, listen } from './listen.ts'
import { type LocalFolders, makeLocalFolders } from './local-folders.ts'
import { makeFront } from './make-front.ts'
import { PrometheusMetrics } from './prometheus-metrics.ts'
import { readOrMakeSecret } from './read-or-make-secret.ts'
import { readServiceFile } from '../service/read-service-file.ts'
import { replaceFile } from '../adapters/node/replace-file.ts'
import { upcastVersionFiles, writeVersionFile } from './version-files.ts'
import { makeWorkerCommand } from './worker-command.ts'

export interface LocalServiceOptions {
  readonly serviceFile: string
  /** Folder for everything that must survive a restart. */
  readonly stateDir: string
  readonly host: string
  /** 0 for any free port. */
  readonly port: number
  /** Under which others reach this service, without a slash at the end; absent: as it listens. */
  readonly publicUrl?: string
  readonly log: Log
  readonly logLevel: string
  readonly version: string
}

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
  const parts = await openParts({ options, service, folders, listener, opened })
  listener.serve(parts.front)
  writeAddress(folders, { url: listener.url, token: parts.token })
  opened.move() // from here on `stop` ends it
  log.info('service started', { service: service.name, url: listener.url })
  const drainSeconds = service.timing.stopSeconds + STOP_MARGIN_SECONDS
  const stop = makeStop({ ...parts, log, listener, folders, drainSeconds })
  const { url } = listener
  const publicUrl = options.publicUrl ?? url
  return { service, url, publicUrl, token: parts.token, folders, stop }
}

interface Opening {
  readonly options: LocalServiceOptions
  readonly service: Service
  readonly folders: LocalFolders
  readonly listener: Listener
  /** What is up already, to be ended in the reverse order. */
  readonly opened: AsyncDisposableStack
}

async function openParts(opening: Opening) {
  const { options, service, folders, listener, opened } = opening
  const { log } = options
  const clock = systemClock
  const secret = readOrMakeSecret(folders.linkSecretFile)
  const token = service.token ?? readOrMakeSecret(folders.tokenFile)
  const links = { baseUrl: options.publicUrl ?? listener.url, secret }
  const stores = openEmbedded({ stateDir: folders.state, clock, links })
  opened.defer(() => stores.close())
  const metrics = new PrometheusMetrics(service.name)
  const kicks = new WakeableTimer(clock)
  const supervisor = await openFleet(opening, kicks)
  // What a killed service had not received whole; from here on the folder is this process's alone.
  rmSync(folders.uploads, { recursive: true, force: true })
  const tokens = makeTokenSet([{ tenant: '*', token }])
  const app = makeApp({
    ...stores,
    service,
    clock,
    log,
    fleet: supervisor,
    kick: { kick: async () => kicks.wake() },
    version: options.version,
    newId: makeIdGenerator({ now: () => clock.now(), random: Math.random }),
    tokens: () => tokens,
    canStream: true,
  })
  const serving = { files: stores.files, clock, secret, uploadDir: folders.uploads }
  const front = makeFront({
    api: (request) => app.fetch(request),
    files: (request) => serveFileLink({ ...serving, newId: randomUUID }, request),
    metrics,
    tokens,
    log,
  })
  const serviceDir = dirname(resolve(options.serviceFile))
  const frontEnd = startFrontEnd({ service, serviceDir, apiUrl: listener.url, token, log })
  opened.defer(() => frontEnd?.close())
  const scaler = startScaler({ ...stores, service, fleet: supervisor, metrics, log }, kicks)
  opened.defer(() => scaler.stop())
  const collector = startCollector(stores, log)
  opened.defer(() => collector.stop())
  return { stores, supervisor, scaler, collector, front, frontEnd, token }
}

/** The fleet, with this service's worker version as the one to start. */
async function openFleet(
  { options, service, folders, listener, opened }: Opening,
  kicks: WakeableTimer,
): Promise<Supervisor> {
  const { serviceFile, log, logLevel } = options
  upcastVersionFiles(folders.versions)
  writeVersionFile(folders.versions, service)
  const serviceDir = dirname(resolve(serviceFile))
  const program = copyWorkerProgram(folders.workerProgram)
  const settings = { folders, program, serviceDir, apiUrl: listener.url, logLevel }
  const supervisor = await openSupervisor({
    stateDir: folders.state,
    command: ({ version }) => makeWorkerCommand(settings, version),
    stopSeconds: service.timing.stopSeconds + STOP_MARGIN_SECONDS,
    clock: systemClock,
    log,
    onKick: () => kicks.wake(),
    onTaskStopped: () => kicks.wake(),
  })
  opened.defer(() => supervisor.stopAll({ graceSeconds: HURRY_SECONDS }))
  removeOtherPrograms(folders.workerProgram, program)
  supervisor.deploy(service.version)
  return supervisor
}

/** Behind the stop time: SIGTERM and grace of the jobs, their last checkpoint, the release. */
const STOP_MARGIN_SECONDS = 60
const HURRY_SECONDS = 10

interface Running {
  stop(): Promise<void>
}

type Scaled = Pick<ScalerDeps, 'table' | 'queues' | 'files' | 'fleet' | 'metrics' | 'log'>

function startScaler(
  { service, log, ...ports }: Scaled & { readonly service: Service },
  kicks: WakeableTimer,
): Running {
  const deps: ScalerDeps = {
    ...ports,
    service: () => service,
    clock: systemClock,
    log: log.with({ part: 'scaler' }),
    owner: randomUUID(),
  }
  return startLoop((signal) => runLooks(deps, { signal, kicks }))
}

function startCollector({ collectOldFiles: collect }: Embedded, log: Log): Running {
  return startLoop((signal) => {
    return collectOldFiles({ collect, clock: systemClock, log, signal })
  })
}

function startLoop(run: (signal: AbortSignal) => Promise<void>): Running {
  const ending = new AbortController()
  const ended = run(ending.signal)
  return {
    stop: () => {
      ending.abort()
      return ended
    },
  }
}

/** Only its owner may read it: it holds the token. */
function writeAddress(folders: LocalFolders, address: { url: string; token: string }): void {
  replaceFile(folders.addressFile, `${JSON.stringify(address)}\n`)
}

interface Stopping {
  readonly stores: Embedded
  readonly supervisor: Supervisor
  readonly scaler: Running
  readonly collector: Running
  readonly log: Log
  readonly listener: Listener
  readonly folders: LocalFolders
  readonly frontEnd: ReturnType<typeof startFrontEnd>
  readonly drainSeconds: number
}

function makeStop(parts: Stopping) {
  const { stores, supervisor, scaler, collector, listener, frontEnd } = parts
  let stopping: Promise<void> | undefined
  return (how: 'drain' | 'hurry'): Promise<void> => {
    const graceSeconds = how === 'drain' ? parts.drainSeconds : HURRY_SECONDS
    if (stopping !== undefined) {
      void supervisor.stopAll({ graceSeconds })
      return stopping
    }
    stopping = (async () => {
      removeAddress(parts)
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
function removeAddress({ folders, log }: Stopping): void {
  try {
    rmSync(folders.addressFile, { force: true })
  } catch (error) {
    log.warn('the address file stays', { error: String(error) })
  }
}

/** Long polls end by themselves within 20 s; nobody waits that long for a stop. */
const HTTP_GRACE_MS = 1000
