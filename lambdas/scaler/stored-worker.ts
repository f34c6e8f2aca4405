import type { WorkerFacts } from '../../lib/core/scaling/observation.ts'
import type { WorkerRow } from '../../lib/core/worker-row.ts'
import type { Row } from '../../lib/ports/table.ts'

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
  const runsCommand = jobs.some((job) => job.taskType === 'command')
  const takesQueries = queriesBesideCommand || !runsCommand
  const freeOf = ({ total, taken }: { total: number; taken: number }) => Math.max(total - taken, 0)
  return {
    workerId,
    taskId,
    version,
    state,
    beat,
    free: { command: freeOf(slots.command), query: takesQueries ? freeOf(slots.query) : 0 },
    jobs: jobs.map(({ jobId, taskType, startedAt }) => ({
      jobId,
      taskType,
      startedAtMs: Date.parse(startedAt),
    })),
    ...(protectedUntil !== undefined && { protectedUntilMs: Date.parse(protectedUntil) }),
    ...(drain && { drain: { reason: drain.reason, expiresAtMs: Date.parse(drain.expiresAt) } }),
  }
}
