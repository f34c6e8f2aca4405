import { TASK_TYPES, type TaskType } from '../job/job.ts'
import { missedLooks, type ScalerMemory } from './memory.ts'
import type { FleetFacts, ServiceFacts, WorkerFacts } from './observation.ts'
import type { Side } from './sides.ts'

/**
 * - occupied: no free slot for any task type, and its jobs have run for `occupiedAfterSeconds`
 * - partly-busy: has jobs or protection, and takes more now or soon
 * - draining: has a drain order, or says that it takes no more
 * - silent: its row has not changed for six looks and six beats; it will take nothing
 */
export type WorkerKind = 'occupied' | 'partly-busy' | 'idle' | 'starting' | 'draining' | 'silent'

/** A job that takes a slot. */
export interface Blocker {
  readonly taskType: TaskType
  readonly ageSeconds: number
}

/** A worker that the fleet lists, as the planning sees it. */
export interface Worker {
  readonly facts: WorkerFacts
  readonly side: Side
  readonly kind: WorkerKind
  /** Busy or protected: never below the floor, never taken away. */
  readonly isWorking: boolean
  /** Follows its drain order: no job, no protection. The fleet may stop it. */
  readonly isReleased: boolean
  /** Takes no further job, however many slots it has. */
  readonly takesNothing: boolean
  /** Its drain order, while it is in force. */
  readonly order?: NonNullable<WorkerFacts['drain']>
  /** For each type without a free slot: the jobs that take its slots. */
  readonly blockers: Readonly<Partial<Record<TaskType, readonly Blocker[]>>>
}

export interface Roster {
  readonly workers: readonly Worker[]
  /** Tasks per side that run or start and have written no row: none of them can have a job. */
  readonly unreported: Readonly<Record<Side, number>>
}

export interface ClassifyInput {
  readonly workers: readonly WorkerFacts[]
  readonly fleet: FleetFacts
  readonly service: ServiceFacts
  readonly memory: ScalerMemory
  readonly occupiedAfterSeconds: number
  /** The side that takes no new work: what runs there counts as occupied at once. */
  readonly oldSide: Side
  readonly nowMs: number
}

/** A minute at the usual periods: long enough for a store that was briefly away. */
const SILENT_AFTER_PERIODS = 6
/** A busy machine may delay a worker's row for seconds, however short looks and beats are. */
const SHORTEST_SILENCE_MS = 10_000
/** Another clock sets the end of protection; the worker has the benefit of a minute. */
const PROTECTION_MARGIN_MS = 60_000
/** An order about to lapse may be forgotten by the worker before the fleet acts on it. */
const ORDER_MARGIN_MS = 5000

/** Workers whose task has stopped, is stopping, or is not listed by the fleet are left out. */
export function classifyWorkers(input: ClassifyInput): Roster {
  const listed = new Map(
    input.fleet.tasks
      .filter((task) => task.state !== 'stopping')
      .map((task) => [task.taskId, task]),
  )
  const workers: Worker[] = []
  for (const facts of input.workers) {
    const task = listed.get(facts.taskId)
    if (task === undefined) continue
    listed.delete(facts.taskId)
    workers.push(classify(facts, task.side, input))
  }
  const unreported = { a: 0, b: 0 }
  for (const task of listed.values()) unreported[task.side] += 1
  return { workers, unreported }
}

function classify(facts: WorkerFacts, side: Side, input: ClassifyInput): Worker {
  const { nowMs, service } = input
  const hasJobs = facts.jobs.length > 0
  const isWorking = hasJobs || facts.state === 'busy' || mayBeProtected(facts, nowMs)
  const order =
    facts.drain !== undefined && facts.drain.expiresAtMs > nowMs ? facts.drain : undefined
  const isDraining = facts.state === 'draining' || order !== undefined
  const isSilent = silentForMs(facts, input) >= silentAfterMs(service)
  const blockers = findBlockers(facts, input)
  const isFull = isOccupied(blockers, input)
  const lastsMs = (order?.expiresAtMs ?? 0) - nowMs
  return {
    facts,
    side,
    kind: kindOf({ facts, isSilent, isDraining, isFull, isWorking }),
    isWorking,
    isReleased: facts.state === 'draining' && !isWorking && lastsMs > ORDER_MARGIN_MS,
    takesNothing: isDraining || isSilent || (side === input.oldSide && isWorking),
    ...(order && { order }),
    blockers,
  }
}

/** Whether its task may still be protected, by a clock that is not the scaler's. */
export function mayBeProtected({ protectedUntilMs = 0 }: WorkerFacts, nowMs: number): boolean {
  return protectedUntilMs > nowMs - PROTECTION_MARGIN_MS
}

interface KindFacts {
  readonly facts: WorkerFacts
  readonly isSilent: boolean
  readonly isDraining: boolean
  readonly isFull: boolean
  readonly isWorking: boolean
}

function kindOf({ facts, isSilent, isDraining, isFull, isWorking }: KindFacts): WorkerKind {
  if (isSilent) return 'silent'
  if (isDraining) return 'draining'
  if (facts.state === 'starting') return 'starting'
  if (isFull) return 'occupied'
  return isWorking ? 'partly-busy' : 'idle'
}

function silentAfterMs({ lookSeconds, beatSeconds }: ServiceFacts): number {
  const periodMs = Math.max(lookSeconds, beatSeconds) * 1000
  return Math.max(SILENT_AFTER_PERIODS * periodMs, SHORTEST_SILENCE_MS)
}

/** 0 where the scaler itself missed looks: then it has seen no silence. */
function silentForMs(facts: WorkerFacts, { memory, nowMs, service }: ClassifyInput): number {
  const known = memory.beats[facts.workerId]
  if (missedLooks(memory.lookedAtMs, nowMs, service.lookSeconds)) return 0
  return known === undefined || known[0] !== facts.beat ? 0 : nowMs - known[1]
}

function findBlockers(facts: WorkerFacts, { service, nowMs }: ClassifyInput): Worker['blockers'] {
  const blockers: Partial<Record<TaskType, Blocker[]>> = {}
  for (const taskType of TASK_TYPES) {
    if (service.slots[taskType] === 0 || facts.free[taskType] > 0) continue
    blockers[taskType] = facts.jobs
      .filter((job) => job.taskType === taskType || !service.queriesBesideCommand)
      .map((job) => ({ taskType: job.taskType, ageSeconds: (nowMs - job.startedAtMs) / 1000 }))
  }
  return blockers
}

function isOccupied(blockers: Worker['blockers'], input: ClassifyInput): boolean {
  const served = TASK_TYPES.filter((taskType) => input.service.slots[taskType] > 0)
  return served.every((taskType) => hasRunFor(blockers[taskType], input.occupiedAfterSeconds))
}

/** Whether all jobs that take the slots of a type have run for this long. */
export function hasRunFor(blockers: readonly Blocker[] | undefined, seconds: number): boolean {
  if (blockers === undefined || blockers.length === 0) return false
  return blockers.every((blocker) => blocker.ageSeconds >= seconds)
}
