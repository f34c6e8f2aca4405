import { randomUUID } from 'node:crypto'
import { systemClock } from '../adapters/node/system-clock.ts'
import type { Embedded } from '../adapters/open-embedded.ts'
import type { WakeableTimer } from '../pace/wakeable-timer.ts'
import type { Log } from '../ports/log.ts'
import { runLooks } from '../scaler/look/run-looks.ts'
import type { ScalerDeps } from '../scaler/look/scaler-deps.ts'
import type { Service } from '../service/service.ts'
import { collectOldFiles } from './state/collect-old-files.ts'

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

export function startCollector({ collectOldFiles: collect }: Embedded, log: Log): Running {
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
