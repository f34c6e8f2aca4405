import type { Clock } from '../../../ports/clock.ts'
import { isLive, isProtected, type WorkerTask } from '../task/worker-task.ts'

/** ECS's reasons for a refusal. */
export type ProtectionRefusal = 'TASK_NOT_VALID' | 'DEPLOYMENT_BLOCKED'

export interface ProtectionRequest {
  readonly task: WorkerTask
  readonly ask: ProtectionAsk
  /** The tasks of the same side that run or are about to. */
  readonly live: readonly WorkerTask[]
  readonly desired: number
}

/**
 * Sets or lifts the protection of a task by ECS's rules; returns the reason of a refusal, or
 * undefined on success. A refusal changes nothing. Asking again restarts the time.
 *
 * - `TASK_NOT_VALID`: the task is being stopped already.
 * - `DEPLOYMENT_BLOCKED`: with this one, more tasks would be protected than the side is asked for.
 */
export function setProtection(
  { task, ask, live, desired }: ProtectionRequest,
  clock: Clock,
): ProtectionRefusal | undefined {
  if (!ask.enabled) {
    task.protection = undefined
    return undefined
  }
  if (!isLive(task)) return 'TASK_NOT_VALID'
  const nowMonotonicMs = clock.monotonicMs()
  const others = live.filter((other) => other !== task && isProtected(other, nowMonotonicMs))
  if (others.length + 1 > desired) return 'DEPLOYMENT_BLOCKED'
  const ms = ask.minutes * 60_000
  task.protection = { untilMonotonicMs: nowMonotonicMs + ms, untilMs: clock.now() + ms }
  return undefined
}

export interface ProtectionAsk {
  readonly enabled: boolean
  readonly minutes: number
}

export type ParsedProtection =
  | { readonly ok: true; readonly ask: ProtectionAsk }
  | { readonly ok: false; readonly why: string }

/** ECS: 1–2,880 minutes (48 h), 120 unless told otherwise. */
const MAX_MINUTES = 2_880
const DEFAULT_MINUTES = 120

/**
 * The body of `PUT …/task-protection/v1/state` with the rules of the ECS agent: names of fields in
 * any case, unknown fields refused, null the same as absent.
 */
export function parseProtectionBody(text: string): ParsedProtection {
  const fields = readFields(text)
  if (fields === undefined) return { ok: false, why: 'the body is not a JSON object' }
  const known = new Map(Object.entries(fields).map(([key, value]) => [key.toLowerCase(), value]))
  const enabled = known.get('protectionenabled') ?? undefined
  const minutes = known.get('expiresinminutes') ?? DEFAULT_MINUTES
  known.delete('protectionenabled')
  known.delete('expiresinminutes')
  const [unknown] = known.keys()
  if (unknown !== undefined) return { ok: false, why: `unknown field ${JSON.stringify(unknown)}` }
  if (enabled === undefined) return { ok: false, why: "it does not have 'ProtectionEnabled'" }
  if (typeof enabled !== 'boolean') {
    return { ok: false, why: "'ProtectionEnabled' is not true or false" }
  }
  if (!isMinutes(minutes)) {
    return { ok: false, why: `'ExpiresInMinutes' is not a whole number from 1 to ${MAX_MINUTES}` }
  }
  return { ok: true, ask: { enabled, minutes } }
}

function readFields(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined
  } catch {
    return undefined
  }
}

function isMinutes(value: unknown): value is number {
  return Number.isInteger(value) && Number(value) >= 1 && Number(value) <= MAX_MINUTES
}
