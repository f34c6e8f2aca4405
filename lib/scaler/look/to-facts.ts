/** From rows and answers of ports to the facts that decisions are made of. */
import { type Job, TASK_TYPES, type TaskType } from '../../job/job.ts'
import { perTaskType } from '../../job/task-types.ts'
import type { FleetObservation } from '../../ports/fleet.ts'
import type {
  FleetFacts,
  Observation,
  ServiceFacts,
  WaitingRows,
  WorkerFacts,
} from '../../scaling/observation.ts'
import type { WorkerRow } from '../../scaling/worker-row.ts'
import type { Service } from '../../service/service.ts'
import type { JobPage } from '../read-jobs.ts'

export function countReady({ jobs, next }: JobPage, nowMs: number): WaitingRows {
  const ready = jobs.map(({ job }) => job).filter((job) => isReady(job, nowMs))
  const counts = perTaskType(() => 0)
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

/** Mean run time, per task type; a type without a success is left out. */
export function meanRunSeconds({ jobs }: JobPage): Observation['runSeconds'] {
  return Object.fromEntries(
    TASK_TYPES.flatMap((type) => {
      const ofType = jobs.map(({ job }) => job).filter(({ taskType }) => taskType === type)
      const seconds = ofType.flatMap(runSecondsOf)
      if (seconds.length === 0) return []
      return [[type, seconds.reduce((sum, each) => sum + each, 0) / seconds.length]]
    }),
  )
}

function runSecondsOf({ startedAt, endedAt }: Job): number[] {
  if (startedAt === undefined || endedAt === undefined) return []
  return [Math.max(Date.parse(endedAt) - Date.parse(startedAt), 0) / 1000]
}

/** The part of a worker's row that decisions are made of. */
export function toWorkerFacts(row: WorkerRow, queriesBesideCommand: boolean): WorkerFacts {
  const { workerId, taskId, version, state, beat, slots, jobs, protectedUntil, drain } = row
  const freeOf = (type: TaskType) => {
    const takesOther = TASK_TYPES.some((other) => other !== type && slots[other].taken > 0)
    if (!queriesBesideCommand && takesOther) return 0
    return Math.max(slots[type].total - slots[type].taken, 0)
  }
  return {
    workerId,
    taskId,
    version,
    state,
    beat,
    free: perTaskType(freeOf),
    jobs: jobs.map(({ jobId, taskType, startedAt }) => ({
      jobId,
      taskType,
      startedAtMs: Date.parse(startedAt),
    })),
    ...(protectedUntil !== undefined && { protectedUntilMs: Date.parse(protectedUntil) }),
    ...(drain && { drain: { reason: drain.reason, expiresAtMs: Date.parse(drain.expiresAt) } }),
  }
}

export function toServiceFacts({ slots, taskTypes, timing }: Service): ServiceFacts {
  return {
    slots: perTaskType((type) => (taskTypes.includes(type) ? slots[type] : 0)),
    queriesBesideCommand: slots.queriesBesideCommand,
    lookSeconds: timing.lookSeconds,
    beatSeconds: timing.beatSeconds,
  }
}

export function toFleetFacts({ sides, tasks, latestVersion }: FleetObservation): FleetFacts {
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
