import { randomUUID } from 'node:crypto'
import { rmSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { openSupervisor, type Supervisor } from '../adapters/child-processes/open-supervisor.ts'
import { serveFileLink } from '../adapters/folder/serve-file-link.ts'
import { systemClock } from '../adapters/node/system-clock.ts'
import { openEmbedded } from '../adapters/open-embedded.ts'
import { makeTokenSet } from '../api/auth/token-set.ts'
import { makeApp } from '../api/make-app.ts'
import { makeIdGenerator } from '../job/job-id.ts'
import { WakeableTimer } from '../pace/wakeable-timer.ts'
import type { Log } from '../ports/log.ts'
import type { Service } from '../service/service.ts'
import type { Listener } from './http/listen.ts'
import { makeFront } from './http/make-front.ts'
import { PrometheusMetrics } from './http/prometheus-metrics.ts'
import { startFrontEnd } from './programs/front-end.ts'
import {
  copyWorkerProgram,
  makeWorkerCommand,
  removeOtherPrograms,
} from './programs/worker-program.ts'
import { startCollector, startScaler } from './start-loops.ts'
import type { LocalFolders } from './state/local-folders.ts'
import { readOrMakeSecret } from './state/read-or-make-secret.ts'
import { upcastVersionFiles, writeVersionFile } from './state/version-files.ts'
import { drainSecondsOf, HURRY_SECONDS } from './stop-service.ts'

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

export interface Opening {
  readonly options: LocalServiceOptions
  readonly service: Service
  readonly folders: LocalFolders
  readonly listener: Listener
  /** What is up already, to be ended in the reverse order. */
  readonly opened: AsyncDisposableStack
}

/** Stores, fleet, API and scaler, in this order. */
export async function openService(opening: Opening) {
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
    stopSeconds: drainSecondsOf(service),
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
