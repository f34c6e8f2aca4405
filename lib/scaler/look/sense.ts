import type { TaskType } from '../../job/job.ts'
import { perTaskType } from '../../job/task-types.ts'
import { statusHash, WORKERS_PK } from '../../job/keys.ts'
import { waitAtMost } from '../../pace/wait-at-most.ts'
import type { FleetObservation } from '../../ports/fleet.ts'
import type { Queues } from '../../ports/queues.ts'
import type { Table } from '../../ports/table.ts'
import { missedLooks } from '../../scaling/memory.ts'
import {
  NOT_ASKED,
  type Observation,
  type Observed,
  type PerTaskType,
  type WaitingRows,
} from '../../scaling/observation.ts'
import { needRunSeconds } from '../../scaling/strategies/strategies.ts'
import type { Service } from '../../service/service.ts'
import { isEmpty, type JobPage, readJobs } from '../read-jobs.ts'
import type { LeaseMemory } from '../reaper/judge-leases.ts'
import { type StoredWorker, toStoredWorker } from '../stored-worker.ts'
import type { ScalerDeps } from './scaler-deps.ts'
import {
  countReady,
  meanRunSeconds,
  toFleetFacts,
  toServiceFacts,
  toWorkerFacts,
} from './to-facts.ts'

/** Queued rows that are read in one look; beyond, "at least this many". */
const MAX_QUEUED_ROWS = 1000
const WORKERS_PER_PAGE = 1000
/** The newest successes that run times are measured of. */
const RUN_SAMPLE_JOBS = 40
/** Longest that one part of an observation may take. */
const OBSERVE_BOUND_MS = 4000

/** What a look saw: the observation for the decision, and the rows behind it for act and reaper. */
export interface Snapshot {
  readonly observation: Observation
  readonly queued: Observed<JobPage>
  readonly workers: Observed<readonly StoredWorker[]>
  readonly fleet: Observed<FleetObservation>
}

/**
 * Looks at rows, workers and fleet, side by side, and at the queues where something waits or the
 * rows could not be counted. Port calls while nothing waits: one index query, one list, one fleet
 * observation.
 *
 * @param leases what the last reaper saw of the running jobs
 */
export async function sense(
  deps: ScalerDeps,
  service: Service,
  leases?: LeaseMemory,
): Promise<Snapshot> {
  const { table, queues, fleet, clock } = deps
  const atMs = clock.now()
  const queuedQuery = { index: 'byStatus', hash: statusHash('queued') } as const
  const [queued, workers, ofFleet] = await Promise.all([
    observePart(deps, 'queued rows', () =>
      readJobs(deps, { ...queuedQuery, limit: MAX_QUEUED_ROWS }),
    ),
    observePart(deps, 'workers', () => listWorkers(table)),
    observePart(deps, 'fleet', () => fleet.observe()),
  ])
  const depth =
    queued.seen && isEmpty(queued.value)
      ? NOT_ASKED
      : await observePart(deps, 'queue depth', () => readDepth(queues, service.taskTypes))
  const waiting = mapObserved(queued, (page) => countReady(page, clock.now()))
  const { queriesBesideCommand } = service.slots
  const observation: Observation = {
    atMs,
    service: toServiceFacts(service),
    depth,
    waiting,
    workers: mapObserved(workers, (rows) =>
      rows.map(({ row }) => toWorkerFacts(row, queriesBesideCommand)),
    ),
    fleet: mapObserved(ofFleet, toFleetFacts),
    runSeconds: await measureRunSeconds(deps, service, waiting),
    ...withoutLeaseOf(leases, { atMs, lookSeconds: service.timing.lookSeconds }),
  }
  return { observation, queued, workers, fleet: ofFleet }
}

/**
 * One part of an observation, in its own try and with its own bound: a part that fails or hangs is
 * "could not observe" and spoils no other part.
 */
async function observePart<T>(
  { clock, log }: ScalerDeps,
  part: string,
  ask: () => Promise<T>,
): Promise<Observed<T>> {
  const late = { seen: false, why: `no answer within ${OBSERVE_BOUND_MS} ms` } as const
  const observed = (await waitAtMost(clock, OBSERVE_BOUND_MS, tryToAsk(ask))) ?? late
  if (!observed.seen) log.warn('could not observe', { part, why: observed.why })
  return observed
}

/** Never rejects, also when it answers after the race is over. */
async function tryToAsk<T>(ask: () => Promise<T>): Promise<Observed<T>> {
  try {
    return { seen: true, value: await ask() }
  } catch (error) {
    return { seen: false, why: error instanceof Error ? error.message : String(error) }
  }
}

function mapObserved<T, U>(part: Observed<T>, change: (value: T) => U): Observed<U> {
  return part.seen ? { seen: true, value: change(part.value) } : part
}

async function readDepth(queues: Queues, types: readonly TaskType[]): Promise<PerTaskType<number>> {
  const depth = perTaskType(() => 0)
  await Promise.all(
    types.map(async (type) => {
      depth[type] = (await queues.depth(type)).visible
    }),
  )
  return depth
}

async function listWorkers(table: Table): Promise<StoredWorker[]> {
  const workers: StoredWorker[] = []
  let after: string | undefined
  do {
    const page = { limit: WORKERS_PER_PAGE, ...(after !== undefined && { after }) }
    const { rows, next } = await table.list(WORKERS_PK, page)
    workers.push(...rows.map(toStoredWorker))
    after = next
  } while (after !== undefined)
  return workers
}

/** Read only where it is of use: a strategy needs run times, and something waits. */
async function measureRunSeconds(
  deps: ScalerDeps,
  { scaling }: Service,
  waiting: Observed<WaitingRows>,
): Promise<Observation['runSeconds']> {
  const waits = waiting.seen && waiting.value.counts.command + waiting.value.counts.query > 0
  if (!needRunSeconds(scaling.strategies) || !waits) return {}
  const sample = await observePart(deps, 'run times', () =>
    readJobs(deps, {
      index: 'byStatus',
      hash: statusHash('succeeded'),
      limit: RUN_SAMPLE_JOBS,
      newestFirst: true,
    }),
  )
  return sample.seen ? meanRunSeconds(sample.value) : {}
}

/** What an earlier reaper saw holds until the next look; longer ago it is no longer known. */
function withoutLeaseOf(
  leases: LeaseMemory | undefined,
  { atMs, lookSeconds }: { readonly atMs: number; readonly lookSeconds: number },
): Pick<Observation, 'withoutLease'> {
  const { withoutLease, readAtMs } = leases ?? {}
  if (withoutLease === undefined || missedLooks(readAtMs, atMs, lookSeconds)) return {}
  return { withoutLease }
}
