import type { Clock } from '../../../ports/clock.ts'
import type { ProtectionAsk } from './parse-protection-body.ts'
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
