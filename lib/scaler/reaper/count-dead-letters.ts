import type { ReaperContext } from './reaper-context.ts'

const PERIOD_MS = 30_000

export interface DeadCounted {
  readonly deadLetters?: number
  readonly deadCountedAtMs?: number
}

/** A dead letter is an alarm, never a state: now and then they are counted, and left alone. */
export async function countDeadLetters(context: ReaperContext): Promise<DeadCounted> {
  const { deps, memory, budget, isQuiet = false } = context
  const nowMs = deps.clock.now()
  const sinceMs = nowMs - (memory.deadCountedAtMs ?? 0)
  if (isQuiet) return {}
  if (sinceMs >= 0 && sinceMs < PERIOD_MS) return { deadCountedAtMs: nowMs - sinceMs }
  // A queue that hangs has taken the time already: one call more, and the look outlives its lock.
  if (budget.isSpent()) return {}
  const { visible, inFlight } = await deps.queues.depth('dead')
  const deadLetters = visible + inFlight
  if (deadLetters > 0) deps.log.warn('there are dead letters', { deadLetters })
  return { deadLetters, deadCountedAtMs: nowMs }
}
