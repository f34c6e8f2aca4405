import { setTimeout as sleep } from 'node:timers/promises'
import type { Arena } from './arena.ts'
import {
  breakAgent,
  breakDatabase,
  breakDisk,
  breakModel,
  stopScaler,
} from './inject/break-parts.ts'
import { freezeService } from './inject/freeze-service.ts'
import { killGuard } from './inject/kill-guard.ts'
import { killWorker } from './inject/kill-worker.ts'
import { lockDatabase } from './inject/lock-database.ts'
import { killService, rollVersion, stopService } from './inject/restart-service.ts'
import { stopWorkerBeyondLease, stopWorkerBriefly } from './inject/stop-worker.ts'
import { pickWeighted, type Random } from './random.ts'

interface Fault {
  readonly weight: number
  /** Faults with the same part never meet: one service is not stopped while it starts. */
  readonly part?: string
  readonly inject: (arena: Arena, random: Random) => Promise<void>
}

const FAULTS: readonly Fault[] = [
  { weight: 7, inject: killWorker },
  { weight: 1.5, inject: killGuard },
  { weight: 2, inject: stopWorkerBriefly },
  { weight: 1.2, inject: stopWorkerBeyondLease, part: 'hung worker' },
  { weight: 1.2, inject: killService, part: 'service' },
  { weight: 0.7, inject: stopService, part: 'service' },
  { weight: 1, inject: rollVersion, part: 'service' },
  { weight: 0.4, inject: freezeService, part: 'service' },
  { weight: 2, inject: lockDatabase, part: 'lock' },
  { weight: 1.5, inject: breakDisk, part: 'disk' },
  { weight: 2, inject: breakDatabase, part: 'database' },
  { weight: 2, inject: breakAgent, part: 'agent' },
  { weight: 2, inject: breakModel, part: 'model' },
  { weight: 0.4, inject: stopScaler, part: 'scaler' },
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
  'agent endpoint: ',
  'model server: ',
  'scaler: away',
  'client vanishes',
  'client repeats',
]

/**
 * Injects one fault after the other until the signal: first each once, in an order that the seed
 * decides, then by weight. Resolves when the last of them is over.
 */
export async function injectFaults(
  arena: Arena,
  { random, pauseMs }: { random: Random; pauseMs: number },
  signal: AbortSignal,
): Promise<void> {
  const busy = new Set<string>()
  const running: Promise<void>[] = []
  const first = shuffle(random).toSorted(killsFirst)
  for (let count = 0; !signal.aborted; count += 1) {
    await sleep(random.int(pauseMs / 2, pauseMs * 1.5), undefined, { signal }).catch(
      () => undefined,
    )
    const isFree = ({ part }: Fault): boolean => part === undefined || !busy.has(part)
    const due = first.findIndex(isFree)
    const fault = first.splice(due, due < 0 ? 0 : 1)[0] ?? pickWeighted(random, FAULTS)
    if (signal.aborted || !isFree(fault)) continue
    running.push(inject(arena, { fault, random: random.fork(String(count)), busy }))
  }
  await Promise.all(running)
}

async function inject(
  arena: Arena,
  { fault, random, busy }: { fault: Fault; random: Random; busy: Set<string> },
): Promise<void> {
  const { part } = fault
  if (part !== undefined) busy.add(part)
  try {
    await fault.inject(arena, random)
  } finally {
    if (part !== undefined) busy.delete(part)
  }
}

/** What they show takes longest to come out. */
function killsFirst(one: Fault, other: Fault): number {
  return Number(other.inject === killWorker) - Number(one.inject === killWorker)
}

function shuffle(random: Random): Fault[] {
  const drawn = FAULTS.map((fault) => ({ fault, at: random.next() }))
  return drawn.toSorted((one, other) => one.at - other.at).map(({ fault }) => fault)
}
