import { setTimeout as sleep } from 'node:timers/promises'
import { readEnvironment } from '../../../lib/processes/read-process.ts'
import { processesWith } from '../../../test/support/processes.ts'
import type { Stage } from '../stage.ts'

/**
 * A guard ends its group at once, and the supervisor soon after it. What is there for most of a
 * lease was ended by neither: at the end of the lease another mechanism would hide that.
 */
const GRACE_SHARE = 0.75
const MAX_GRACE_MS = 15_000
const POLL_MS = 500
const JOB_ID = 'SCALABLE_JOB_ID='

/**
 * Nothing of a worker that was killed lives on: neither what it ran nor its model server. What is
 * still there after the grace goes into the ledger. Guards need nobody; without them (`withGuards`:
 * they were killed too) it is up to the service, where it was there and well all the time.
 */
export async function noticeLeftovers(
  arena: Stage,
  { taskId, withGuards }: { taskId: string; withGuards: boolean },
): Promise<void> {
  const leaseMs = arena.timing.lease_seconds.command * 1000
  const graceMs = Math.min(MAX_GRACE_MS, leaseMs * GRACE_SHARE)
  const sinceMs = Date.now()
  let left = processesWith('SCALABLE_JOB_TASK_ID', taskId)
  while (left.length > 0 && Date.now() - sinceMs < graceMs) {
    await sleep(POLL_MS)
    left = processesWith('SCALABLE_JOB_TASK_ID', taskId)
  }
  const wasDisturbed = arena.outages.some(({ taskId: ofTask, untilMs }) => {
    return ofTask === undefined && untilMs >= sinceMs
  })
  if (withGuards && wasDisturbed) return
  for (const pid of left) {
    arena.ledger.record({ what: 'orphan', at: Date.now(), jobId: nameJob(pid, taskId), pid })
  }
}

/** A model server and a guard belong to no job. */
function nameJob(pid: number, taskId: string): string {
  const ofJob = readEnvironment(pid).find((entry) => entry.startsWith(JOB_ID))
  return ofJob?.slice(JOB_ID.length) ?? `of worker ${taskId}`
}
