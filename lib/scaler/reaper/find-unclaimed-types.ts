import { TASK_TYPES, type TaskType } from '../../job/job.ts'
import { missedLooks } from '../../scaling/memory.ts'
import type { WorkerRow } from '../../scaling/worker-row.ts'
import type { Service } from '../../service/service.ts'
import type { Snapshot } from '../look/sense.ts'
import type { ReaperStep } from './reaper-step.ts'

interface UnclaimedMemory {
  readonly lookedAtMs?: number
  /** Since when nobody has taken jobs of a type. */
  readonly sinceMs: Readonly<Partial<Record<TaskType, number>>>
}

/**
 * Five minutes at the usual period. A deployment may bring the API, which accepts jobs of a new
 * type, some time before the scaler, which only then knows of it; and a mistake in `service.json`
 * can be taken back before it costs jobs.
 */
const GRACE_LOOKS = 30

/**
 * Finds the task types that nobody takes: neither the service as it is, nor a worker of another
 * version that still receives. Only a look that saw the workers counts, and after looks were missed
 * the grace starts anew.
 */
export const findUnclaimedTypes: ReaperStep<'unclaimed-types', UnclaimedMemory> = {
  name: 'unclaimed-types',
  empty: { sinceMs: {} },
  async run({ deps, snapshot }, before) {
    const { workers } = snapshot
    if (!workers.seen) return {}
    const service = deps.service()
    const nowMs = deps.clock.now()
    const receivers = workers.value.map(({ row }) => row).filter((row) => !isLeaving(row, nowMs))
    const versions = versionsOf(service, snapshot)
    const { lookSeconds } = service.timing
    const known = missedLooks(before.lookedAtMs, nowMs, lookSeconds) ? {} : before.sinceMs
    const graceMs = GRACE_LOOKS * lookSeconds * 1000
    const sinceMs: Partial<Record<TaskType, number>> = {}
    for (const type of TASK_TYPES) {
      const isTaken =
        takes(service, type) || receivers.some((row) => takesType(row, type, { service, versions }))
      if (!isTaken) sinceMs[type] = known[type] ?? nowMs
    }
    const isOver = (type: TaskType) => nowMs - (sinceMs[type] ?? nowMs) >= graceMs
    return {
      memory: { lookedAtMs: nowMs, sinceMs },
      findings: { unclaimed: { types: new Set(TASK_TYPES.filter(isOver)), graceMs } },
    }
  },
}

function takes({ taskTypes, slots }: Service, type: TaskType): boolean {
  return taskTypes.includes(type) && slots[type] > 0
}

/** It receives no job any more, whatever it still runs. */
function isLeaving({ state, drain }: WorkerRow, nowMs: number): boolean {
  if (state === 'draining') return true
  return drain !== undefined && Date.parse(drain.expiresAt) > nowMs
}

interface CurrentService {
  readonly service: Service
  /** Of workers that were deployed with this service. */
  readonly versions: ReadonlySet<string>
}

/** On ECS the version of a worker is that of its task definition, not that of `service.json`. */
function versionsOf({ version }: Service, { fleet }: Snapshot): ReadonlySet<string> {
  return new Set([version, ...(fleet.seen ? [fleet.value.latestVersion] : [])])
}

/** Workers of the service as it is take what it takes; of others only their slots are known. */
function takesType(row: WorkerRow, type: TaskType, { service, versions }: CurrentService): boolean {
  if (versions.has(row.version)) return takes(service, type)
  return row.slots[type].total > 0
}
