import type { TaskType } from '../job/job.ts'
import type { WorkerFacts } from '../scaling/observation.ts'
import type { WorkerRow } from '../scaling/worker-row.ts'
import type { Row } from '../ports/table.ts'

/** A worker's row with the revision that it was read at. */
export interface StoredWorker {
  readonly row: WorkerRow
  readonly rev: number
}

export function toStoredWorker(row: Row): StoredWorker {
  return { row: row.data as unknown as WorkerRow, rev: row.rev }
}

/** The part of a worker's row that decisions are made of. */
export function toWorkerFacts(row: WorkerRow, queriesBesideCommand: boolean): WorkerFacts {
  const { workerId, taskId, version, state, beat, slots, jobs, protectedUntil, drain } = row
  const freeOf = (type: TaskType, other: TaskType) => {
    const isExcluded = !queriesBesideCommand && slots[other].taken > 0
    return isExcluded ? 0 : Math.max(slots[type].total - slots[type].taken, 0)
  }
  return {
    workerId,
    taskId,
    version,
    state,
    beat,
    free: { command: freeOf('command', 'query'), query: freeOf('query', 'command') },
    jobs: jobs.map(({ jobId, taskType, startedAt }) => ({
      jobId,
      taskType,
      startedAtMs: Date.parse(startedAt),
    })),
    ...(protectedUntil !== undefined && { protectedUntilMs: Date.parse(protectedUntil) }),
    ...(drain && { drain: { reason: drain.reason, expiresAtMs: Date.parse(drain.expiresAt) } }),
  }
}
