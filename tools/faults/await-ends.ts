import { setTimeout as sleep } from 'node:timers/promises'
import type { Stage } from './stage.ts'
import type { KnownJobs } from './known-jobs.ts'
import { inspectJob } from './watch/inspect-job.ts'

const LOOK_MS = 2000

/**
 * Once nothing is broken any more: waits until every job has ended and the output queue has told so.
 * Resolves at the deadline too; what is then missing is the gates' business.
 */
export async function awaitEnds(arena: Stage, jobs: KnownJobs, withinMs: number): Promise<void> {
  const deadlineMs = performance.now() + withinMs
  for (;;) {
    const untold = jobs.all.filter(({ toldAtMs }) => toldAtMs === undefined)
    if (untold.length === 0 || performance.now() > deadlineMs) return
    for (const job of untold) if (job.shownAtMs === undefined) await inspectJob(arena, job)
    await sleep(LOOK_MS)
  }
}
