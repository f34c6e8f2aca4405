import { type Job, TASK_TYPES, type TaskType } from '../../job/job.ts'
import { statusHash, WORKERS_PK } from '../../job/keys.ts'
import {
  type FleetFacts,
  NOT_ASKED,
  type Observation,
  type Observed,
  type PerTaskType,
  type ServiceFacts,
  type WaitingRows,
} from '../../scaling/observation.ts'
import { wasAway } from '../../scaling/was-away.ts'
import type { Service } from '../../service/service.ts'
import type { FleetObservation } from '../../ports/fleet.ts'
import type { Queues } from '../../ports/queues.ts'
import type { Table } from '../../ports/table.ts'
import { measureRunSeconds } from './measure-run-seconds.ts'
import { observePart } from './observe-part.ts'
import { type Nominated, readNominated } from '../read-nominated.ts'
import type { ScalerDeps } from './scaler-deps.ts'
import type { ReaperMemory } from '../reaper/reaper-memory.ts'
import { type StoredWorker, toStoredWorker, toWorkerFacts } from '../stored-worker.ts'

/** Queued rows that are read in one look; beyond, "at least this many". */
const MAX_QUEUED_ROWS = 1000
const WORKERS_PER_PAGE = 1000

/** What a look saw: the observation for the decision, and the rows behind it for act and reaper. */
export interface Sensed {
  readonly observation: Observation
  readonly queued: Observed<Nominated>
  readonly workers: Observed<readonly StoredWorker[]>
  readonly fleet: Observed<FleetObservation>
}

/**
 * Looks at rows, workers and fleet, side by side, and at the queues where something waits or the
 * rows could not be counted. Port calls while nothing waits: one index query, one list, one fleet
 * observation.
 *
 * @param reaped what the last reaper remembered: of it, who had lost every lease
 */
export async function sense(
  deps: ScalerDeps,
  service: Service,
  reaped: ReaperMemory,
): Promise<Sensed> {
  const { table, queues, fleet, clock } = deps
  const atMs = clock.now()
  const queuedQuery = { index: 'byStatus', hash: statusHash('queued') } as const
  const [queued, workers, fleetSeen] = await Promise.all([
    observePart(deps, 'queued rows', () =>
      readNominated(table, { ...queuedQuery, limit: MAX_QUEUED_ROWS }),
    ),
    observePart(deps, 'workers', () => listWorkers(table)),
    observePart(deps, 'fleet', () => fleet.observe()),
  ])
  const depth = nothingWaits(queued)
    ? NOT_ASKED
    : await observePart(deps, 'queue depth', () => readDepth(queues, service.taskTypes))
  const waiting = mapSeen(queued, (nominated) => countReady(nominated, clock.now()))
  const { queriesBesideCommand } = service.slots
  const observation: Observation = {
    atMs,
    service: toServiceFacts(service),
    depth,
    waiting,
    workers: mapSeen(workers, (rows) =>
      rows.map(({ row }) => toWorkerFacts(row, queriesBesideCommand)),
    ),
    fleet: mapSeen(fleetSeen, toFleetFacts),
    runSeconds: await measureRunSeconds(deps, service, waiting),
    ...knowWithoutLease(reaped, { atMs, lookSeconds: service.timing.lookSeconds }),
  }
  return { observation, queued, workers, fleet: fleetSeen }
}

/** What an earlier reaper saw holds until the next look; longer ago it is no longer known. */
function knowWithoutLease(
  { withoutLease, leasesReadAtMs }: ReaperMemory,
  { atMs, lookSeconds }: { readonly atMs: number; readonly lookSeconds: number },
): Pick<Observation, 'withoutLease'> {
  if (withoutLease === undefined || wasAway(leasesReadAtMs, atMs, lookSeconds)) return {}
  return { withoutLease }
}

function nothingWaits(queued: Observed<Nominated>): boolean {
  return queued.seen && queued.value.jobs.length === 0 && queued.value.next === undefined
}

function mapSeen<T, U>(part: Observed<T>, change: (value: T) => U): Observed<U> {
  return part.seen ? { seen: true, value: change(part.value) } : part
}

async function readDepth(queues: Queues, types: readonly TaskType[]): Promise<PerTaskType<number>> {
  const depth = { command: 0, query: 0 }
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

function countReady({ jobs, next }: Nominated, nowMs: number): WaitingRows {
  const ready = jobs.map(({ job }) => job).filter((job) => isReady(job, nowMs))
  const counts = { command: 0, query: 0 }
  const oldestQueuedAtMs: Partial<Record<TaskType, number>> = {}
  for (const { taskType, queuedAt } of ready) {
    counts[taskType] += 1
    const atMs = Date.parse(queuedAt)
    oldestQueuedAtMs[taskType] = Math.min(oldestQueuedAtMs[taskType] ?? atMs, atMs)
  }
  return { counts, isComplete: next === undefined, oldestQueuedAtMs }
}

/** A retry that still backs off has sent no message yet and needs no worker yet. */
function isReady(job: Job, nowMs: number): boolean {
  if (job.status !== 'queued') return false
  const isBackingOff = job.attempt > 0 && job.readySent === 0
  return !isBackingOff || job.readyAt === undefined || Date.parse(job.readyAt) <= nowMs
}

function toServiceFacts({ slots, taskTypes, timing }: Service): ServiceFacts {
  const served = TASK_TYPES.map((type) => [type, taskTypes.includes(type) ? slots[type] : 0])
  return {
    slots: Object.fromEntries(served) as PerTaskType<number>,
    queriesBesideCommand: slots.queriesBesideCommand,
    lookSeconds: timing.lookSeconds,
    beatSeconds: timing.beatSeconds,
  }
}

function toFleetFacts({ sides, tasks, latestVersion }: FleetObservation): FleetFacts {
  const side = ({ version, desired }: FleetObservation['sides']['a']) => ({
    ...(version !== undefined && { version }),
    desired,
  })
  return {
    sides: { a: side(sides.a), b: side(sides.b) },
    tasks: tasks.flatMap(({ taskId, side: at, state }) =>
      state === 'stopped' ? [] : [{ taskId, side: at, state }],
    ),
    latestVersion,
  }
}
