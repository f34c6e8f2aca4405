/**
 * The whole service in one process tree on one machine: the same API, worker, scaler and ports as in
 * the cloud; only the adapters differ.
 *
 * Comes up: port, stores, fleet (which first makes sure that nothing of an earlier life runs any
 * more), API, scaler. Goes down: API, scaler, workers (drained), stores.
 */
import { randomUUID } from 'node:crypto'
import { rmSync, writeFileSync } from 'node:fs'
import { makeApp } from '../../lambdas/api/make-app.ts'
import { makeTokenSet } from '../../lambdas/api/token-set.ts'
import { makeIdGenerator } from '../core/job-id.ts'
import type { Service } from '../core/service-config/service.ts'
import { type Embedded, openEmbedded } from '../embedded/open-embedded.ts'
import { serveFileLink } from '../embedded/serve-file-link.ts'
import { openSupervisor, type Supervisor } from '../embedded/supervisor/open-supervisor.ts'
import { systemClock } from '../embedded/system-clock.ts'
import type { Log } from '../ports/log.ts'
import { type Listener, listen } from './listen.ts'
import { type LocalFolders, makeLocalFolders } from './local-folders.ts'
import { makeFront } from './make-front.ts'
import { PrometheusMetrics } from './prometheus-metrics.ts'
import { readOrMakeSecret } from './read-or-make-secret.ts'
import { readServiceFile } from './read-service-file.ts'
import { ScalerClock } from './scaler-clock.ts'
import { keepVersionFile } from './version-files.ts'
import { makeWorkerCommand } from './worker-command.ts'

export interface LocalServiceOptions {
  readonly serviceFile: string
  /** Folder for everything that must survive a restart. */
  readonly stateDir: string
  readonly host: string
  /** 0 for any free port. */
  readonly port: number
  readonly log: Log
  readonly logLevel: string
  readonly version: string
}

export interface LocalService {
  readonly service: Service
  readonly url: string
  readonly token: string
  readonly folders: LocalFolders
  /**
   * Takes no more jobs, lets running ones end for `graceSeconds`, then has them give their jobs
   * back (they run again at the next start). Called again with a shorter grace it hurries.
   */
  stop(graceSeconds: number): Promise<void>
}
