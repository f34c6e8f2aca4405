import type { Arena } from './arena.ts'
import {
  breakAgent,
  breakDatabase,
  breakDisk,
  breakModel,
  stopScaler,
} from './inject/break-parts.ts'
import { floodLog } from './inject/flood-log.ts'
import { freezeService } from './inject/freeze-service.ts'
import { killGuard } from './inject/kill-guard.ts'
import { killWorker } from './inject/kill-worker.ts'
import { lockDatabase } from './inject/lock-database.ts'
import { killService, rollVersion, stopService } from './inject/restart-service.ts'
import {
  stopWorkerBeyondLease,
  stopWorkerBriefly,
  stopWorkerUndisturbed,
} from './inject/stop-worker.ts'
import type { CampaignFault } from './inject-faults.ts'

/** Whatever keeps the scaler from looking, or makes it count anew. */
const WHAT_DISTURBS = ['service', 'lock', 'disk', 'database', 'scaler'] as const

export const FAULTS: readonly CampaignFault<Arena>[] = [
  { weight: 7, inject: killWorker, isFirst: true },
  { weight: 1.5, inject: killGuard },
  { weight: 2, inject: stopWorkerBriefly },
  { weight: 1.2, inject: stopWorkerBeyondLease, parts: ['hung worker'] },
  { weight: 0.2, inject: stopWorkerUndisturbed, parts: ['hung worker', ...WHAT_DISTURBS] },
  { weight: 1.2, inject: killService, parts: ['service'] },
  { weight: 0.7, inject: stopService, parts: ['service'] },
  { weight: 1, inject: rollVersion, parts: ['service'] },
  { weight: 0.4, inject: freezeService, parts: ['service'] },
  { weight: 2, inject: lockDatabase, parts: ['lock'] },
  { weight: 1.5, inject: breakDisk, parts: ['disk'] },
  // Most often no job waits for it.
  { weight: 3, inject: floodLog, parts: ['disk'] },
  { weight: 2, inject: breakDatabase, parts: ['database'] },
  { weight: 2, inject: breakAgent, parts: ['agent'] },
  { weight: 2, inject: breakModel, parts: ['model'] },
  { weight: 0.4, inject: stopScaler, parts: ['scaler'] },
]

/** By what each sort begins in the ledger; a whole campaign injects every one of them. */
export const SORTS: readonly string[] = [
  'worker: SIGKILL',
  'worker and guards: SIGKILL',
  'guard: SIGKILL',
  'worker: SIGSTOP, shorter than the lease',
  'worker: SIGSTOP, beyond the lease',
  'service: SIGKILL',
  'service: SIGINT',
  'service: SIGSTOP',
  'new worker version',
  'database: locked',
  'database: ',
  'disk: ',
  'log: flooded',
  'agent endpoint: ',
  'model server: ',
  'scaler: away',
  'client vanishes',
  'client repeats',
]
