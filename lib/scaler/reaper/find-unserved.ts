import { TASK_TYPES, type TaskType } from '../../job/job.ts'
import { wasAway } from '../../scaling/was-away.ts'
import type { Service } from '../../service/service.ts'
import type { WorkerRow } from '../../scaling/worker-row.ts'
import type { Sensed } from '../look/sense.ts'
import type { ReaperContext } from './reaper-context.ts'

export interface UnservedMemory {
  readonly lookedAtMs: number
  /** Since when nobody has taken jobs of a type. */
  readonly sinceMs: Readonly<Partial<Record<TaskType, number>>>
}

export interface Unserved {
  /** Types that nobody has taken for the whole grace. */
  readonly types: ReadonlySet<TaskType>
  readonly graceMs: number
  readonly memory: UnservedMemory
}

/**
 * Five minutes at the usual period. A deployment may bring the API, which takes jobs of a new type,
 * some time before the scaler, which only then knows of it; and a mistake in `service.json` can be
 * taken back before it costs jobs.
 */
const GRACE_LOOKS = 30

/**
 * Which task types nobody takes: not the service as it is, and no worker of another version that
 * still receives. Only a look that saw the workers counts, and after an absence of the scaler it
 * starts anew; `undefined` where this look cannot tell.
 */
export function findUnserved({ deps, sensed, memory }: ReaperContext): Unserved | undefined {
  if (!sensed.workers.seen) return undefined
  const service = deps.service()
  const present: Present = { service, versions: versionsOf(service, sensed) }
  const { lookSeconds } = service.timing
  const nowMs = deps.clock.now()
  const rows = sensed.workers.value.map(({ row }) => row).filter((row) => !isLeaving(row, nowMs))
  const before = memory.unserved
  const isAnew = wasAway(before?.lookedAtMs, nowMs, lookSeconds)
  const graceMs = GRACE_LOOKS * lookSeconds * 1000
  const sinceMs: Partial<Record<TaskType, number>> = {}
  for (const type of TASK_TYPES) {
    const isTaken = takes(service, type) || rows.some((row) => takesType(row, type, present))
    if (!isTaken) sinceMs[type] = (isAnew ? undefined : before?.sinceMs[type]) ?? nowMs
  }
  const isOver = (type: TaskType) => nowMs - (sinceMs[type] ?? nowMs) >= graceMs
  return {
    types: new Set(TASK_TYPES.filter(isOver)),
    graceMs,
    memory: { lookedAtMs: nowMs, sinceMs },
  }
}

function takes({ taskTypes, slots }: Service, type: TaskType): boolean {
  return taskTypes.includes(type) && slots[type] > 0
}

/** It receives nothing any more, whatever it still runs. */
function isLeaving({ state, drain }: WorkerRow, nowMs: number): boolean {
  if (state === 'stopped' || state === 'draining') return true
  return drain !== undefined && Date.parse(drain.expiresAt) > nowMs
}

interface Present {
  readonly service: Service
  /** Of workers that were deployed with this service. */
  readonly versions: ReadonlySet<string>
}

/** On ECS the version of a worker is that of its task definition, not that of `service.json`. */
function versionsOf({ version }: Service, { fleet }: Sensed): ReadonlySet<string> {
  return new Set([version, ...(fleet.seen ? [fleet.value.latestVersion] : [])])
}

/** Workers of the service as it is take what it takes; of others only their slots are known. */
function takesType(row: WorkerRow, type: TaskType, { service, versions }: Present): boolean {
  if (versions.has(row.version)) return takes(service, type)
  return row.slots[type].total > 0
}
