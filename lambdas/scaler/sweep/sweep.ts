import { cleanWorkers } from './clean-workers.ts'
import { countDeadLetters, type DeadCounted } from './count-dead-letters.ts'
import { countEnded, type EndsCounted } from './count-ended.ts'
import { type Expired, expireQueued } from './expire-queued.ts'
import { findLost, type LostFound } from './find-lost.ts'
import { repeatNotifications } from './repeat-notifications.ts'
import { resendSignals } from './resend-signals.ts'
import type { SweepContext } from './sweep-context.ts'
import type { SweepMemory } from './sweep-memory.ts'
import type { SweepReport } from './sweep-report.ts'

export interface Swept {
  readonly memory: SweepMemory
  readonly report: SweepReport
}

/**
 * Mends what was left undone, wherever and whenever something was killed: bounded rows and time, and
 * every step may be repeated. Steps run one after the other and fail alone; what a failed step
 * would have remembered stays as it was, so that a look that could not read proves no silence.
 */
export async function sweep(context: SweepContext): Promise<Swept> {
  const { memory } = context
  const found = await attempt(context, 'find lost', () => findLost(context))
  const expired = await attempt(context, 'expire queued', () => expireQueued(context))
  const resent = await attempt(context, 'resend signals', () => resendSignals(context))
  const notified = await attempt(context, 'notifications', () => repeatNotifications(context))
  const cleaned = found && (await attempt(context, 'clean', () => cleanWorkers(context, found)))
  const dead = await attempt(context, 'dead letters', () => countDeadLetters(context))
  const ends = await attempt(context, 'ends', () => countEnded(context))
  return {
    memory: nextMemory(memory, { found, expired, dead, ends }),
    report: {
      resent: resent ?? 0,
      expired: expired?.expired ?? 0,
      notified: notified ?? 0,
      lost: found?.lost ?? 0,
      cleaned: cleaned ?? 0,
      ...(found && { running: found.running }),
      ...(dead?.deadLetters !== undefined && { deadLetters: dead.deadLetters }),
    },
  }
}

async function attempt<T>(
  { steps }: SweepContext,
  step: string,
  action: () => Promise<T>,
): Promise<T | undefined> {
  let result: T | undefined
  await steps.run(step, async () => {
    result = await action()
  })
  return result
}

interface Outcomes {
  readonly found: LostFound | undefined
  readonly expired: Expired | undefined
  readonly dead: DeadCounted | undefined
  readonly ends: EndsCounted | undefined
}

function nextMemory(before: SweepMemory, outcomes: Outcomes): SweepMemory {
  const { found, expired, dead, ends = before.ends } = outcomes
  const { leasesReadAtMs, windowAfter, seen } = found?.memory ?? before
  const expiryAfter = expired === undefined ? before.expiryAfter : expired.expiryAfter
  const deadCountedAtMs = dead?.deadCountedAtMs ?? before.deadCountedAtMs
  return {
    seen,
    ...(leasesReadAtMs !== undefined && { leasesReadAtMs }),
    ...(windowAfter !== undefined && { windowAfter }),
    ...(expiryAfter !== undefined && { expiryAfter }),
    ...(deadCountedAtMs !== undefined && { deadCountedAtMs }),
    ...(ends !== undefined && { ends }),
  }
}
