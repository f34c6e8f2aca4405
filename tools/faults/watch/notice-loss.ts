import { setTimeout as sleep } from 'node:timers/promises'
import type { JobView } from '../../../lib/api/contract/job-view-schema.ts'
import type { Stage } from '../stage.ts'
import type { RunningAttempt } from './find-attempts.ts'

const POLL_MS = 200
const GIVE_UP_MS = 180_000

interface Death {
  readonly how: 'killed' | 'hung'
  readonly workerId: string
  readonly atMs: number
}

/** Asks until the service knows that the attempt is lost, and notes how long that took. */
export async function noticeLoss(
  arena: Stage,
  { jobId, attempt, taskType }: RunningAttempt,
  { how, workerId, atMs }: Death,
): Promise<void> {
  while (Date.now() - atMs < GIVE_UP_MS) {
    const job = await arena.service.client.get(jobId).catch(() => undefined)
    const end = findEnd(job, attempt)
    if (end !== undefined) {
      // It came to an end of its own first, or somebody else was killed.
      if (end.reason !== 'worker-lost' || end.workerId !== workerId) return
      break
    }
    await sleep(POLL_MS)
  }
  const wallMs = Date.now() - atMs
  // A scaler that was away itself begins to count anew. It needs no disk.
  const wasDisturbed = arena.outages.some(({ kind, taskId, untilMs }) => {
    return taskId === undefined && kind !== 'faulty' && untilMs >= atMs
  })
  const leaseMs = arena.timing.lease_seconds[taskType] * 1000
  arena.ledger.record({
    what: 'noticed',
    at: Date.now(),
    jobId,
    how,
    afterMs: how === 'hung' ? wallMs : wallMs - sumAbsences(arena, atMs),
    wallMs,
    ...(!wasDisturbed && { leaseMs }),
  })
}

/** How long the service itself, or its scaler, was not there since then. */
function sumAbsences({ outages }: Stage, sinceMs: number): number {
  const nowMs = Date.now()
  const spans = outages
    .filter(({ kind, untilMs }) => kind === 'away' && untilMs > sinceMs)
    .map(({ fromMs, untilMs }) => [Math.max(fromMs, sinceMs), Math.min(untilMs, nowMs)] as const)
    .toSorted(([one], [other]) => one - other)
  let [sumMs, countedMs] = [0, sinceMs]
  for (const [fromMs, untilMs] of spans) {
    sumMs += Math.max(0, untilMs - Math.max(fromMs, countedMs))
    countedMs = Math.max(countedMs, untilMs)
  }
  return sumMs
}

function findEnd(
  job: JobView | undefined,
  attempt: number,
): JobView['attempts'][number] | undefined {
  return job?.attempts.find((each) => each.attempt === attempt)
}
