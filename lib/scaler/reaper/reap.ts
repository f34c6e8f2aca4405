import { cleanWorkers } from './clean-workers.ts'
import { countDeadLetters, type DeadCounted } from './count-dead-letters.ts'
import { countEnded, type EndsCounted } from './count-ended.ts'
import { endQueued, type QueuedEnded, sendEnds } from './end-queued.ts'
import { findLost, type LostFound } from './find-lost.ts'
import { findUnserved, type Unserved } from './find-unserved.ts'
import { repeatNotifications } from './repeat-notifications.ts'
import { resendReady } from './resend-ready.ts'
import type { ReaperContext } from './reaper-context.ts'
import type { ReaperMemory } from './reaper-memory.ts'
import type { ReaperReport } from './reaper-report.ts'

export interface ReapResult {
  readonly memory: ReaperMemory
  readonly report: ReaperReport
}

/**
 * Mends what was left undone, wherever and whenever something was killed: bounded rows and time, and
 * every step may be repeated. A step with much to do takes half of the time that is left. Steps run
 * one after the other and fail alone; what a failed step would have remembered stays as it was, so
 * that a look that could not read proves no silence.
 */
export async function reap(context: ReaperContext): Promise<ReapResult> {
  const { memory } = context
  const found = await attempt(context, 'find lost', () => findLost(context))
  const unserved = findUnserved(context)
  const ended = await attempt(context, 'end queued', () => endQueued(halfOf(context), unserved))
  const resent = await attempt(context, 'resend ready messages', () => resendReady(halfOf(context)))
  if (ended) await attempt(context, 'send ends', () => sendEnds(halfOf(context), ended))
  const notified = await attempt(context, 'notifications', () => repeatNotifications(context))
  const cleaned = found && (await attempt(context, 'clean', () => cleanWorkers(context, found)))
  const dead = await attempt(context, 'dead letters', () => countDeadLetters(context))
  const ends = await attempt(context, 'ends', () => countEnded(context))
  return {
    memory: nextMemory(memory, { found, unserved, ended, dead, ends }),
    report: {
      resent: resent ?? 0,
      expired: ended?.expired ?? 0,
      unserved: ended?.unserved ?? 0,
      notified: notified ?? 0,
      lost: found?.lost ?? 0,
      cleaned: cleaned ?? 0,
      ...(found && { running: found.running }),
      ...(dead?.deadLetters !== undefined && { deadLetters: dead.deadLetters }),
    },
  }
}

function halfOf(context: ReaperContext): ReaperContext {
  return { ...context, budget: context.budget.half() }
}

async function attempt<T>(
  { steps }: ReaperContext,
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
  readonly unserved: Unserved | undefined
  readonly ended: QueuedEnded | undefined
  readonly dead: DeadCounted | undefined
  readonly ends: EndsCounted | undefined
}

function nextMemory(before: ReaperMemory, outcomes: Outcomes): ReaperMemory {
  const { found, ended, dead, ends = before.ends } = outcomes
  const unserved = outcomes.unserved?.memory ?? before.unserved
  const { leasesReadAtMs, windowAfter, seen } = found?.memory ?? before
  const expiryAfter = ended === undefined ? before.expiryAfter : ended.expiryAfter
  const deadCountedAtMs = dead?.deadCountedAtMs ?? before.deadCountedAtMs
  return {
    seen,
    ...(leasesReadAtMs !== undefined && { leasesReadAtMs }),
    ...(windowAfter !== undefined && { windowAfter }),
    ...(expiryAfter !== undefined && { expiryAfter }),
    ...(deadCountedAtMs !== undefined && { deadCountedAtMs }),
    ...(ends !== undefined && { ends }),
    ...(found?.withoutLease && { withoutLease: found.withoutLease }),
    ...(unserved !== undefined && { unserved }),
  }
}
