import { randomUUID } from 'node:crypto'
import { systemClock } from '../adapters/node/system-clock.ts'
import type { Embedded } from '../adapters/open-embedded.ts'
import type { WakeableTimer } from '../pace/wakeable-timer.ts'
import type { Log } from '../ports/log.ts'
import { runLooks } from '../scaler/look/run-looks.ts'
import type { ScalerDeps } from '../scaler/look/scaler-deps.ts'
import type { Service } from '../service/service.ts'

const COLLECT_MS = 600_000

/** What goes on until it is stopped. */
export interface Running {
  /** Resolves once it has ended. */
  stop(): Promise<void>
}

type ScalerPorts = Pick<ScalerDeps, 'table' | 'queues' | 'files' | 'fleet' | 'metrics' | 'log'>

export function startScaler(
  { service, log, ...ports }: ScalerPorts & { readonly service: Service },
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

/** Deletes old files, a few every ten minutes, until it is stopped. */
export function startCollector({ collectOldFiles }: Embedded, log: Log): Running {
  return startLoop(async (signal) => {
    while (!signal.aborted) {
      try {
        const deleted = await collectOldFiles()
        if (deleted > 0) log.info('old files were deleted', { files: deleted })
      } catch (error) {
        log.warn('old files could not be deleted; tried again later', { error: String(error) })
      }
      await systemClock.sleep(COLLECT_MS, signal)
    }
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
