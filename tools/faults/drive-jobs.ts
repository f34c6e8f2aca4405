import { setTimeout as sleep } from 'node:timers/promises'
import type { JobPlan } from './job-plan.ts'
import { submit, type SubmitDeps } from './clients/submit.ts'

/** Jobs come for this share of each wave and then stay away, so that the fleet shrinks. */
const BUSY_SHARE = 0.65
const WAVES = 12
const MAX_OPEN = 120
const LOOK_MS = 50

interface Drive {
  readonly count: number
  readonly minutes: number
  readonly plan: (n: number) => JobPlan
}

/** Submits all jobs over the given time, in waves; resolves when each has been answered. */
export async function driveJobs(deps: SubmitDeps, drive: Drive): Promise<void> {
  const startMs = performance.now()
  const wholeMs = drive.minutes * 60_000
  const submits: Promise<unknown>[] = []
  for (let n = 0; n < drive.count; n += 1) {
    const dueMs = startMs + dueShare(n / drive.count) * wholeMs
    while (performance.now() < dueMs || deps.jobs.open > MAX_OPEN) await sleep(LOOK_MS)
    const plan = drive.plan(n)
    submits.push(submit(deps, plan).catch((error: unknown) => noteRefusal(deps, n, error)))
  }
  await Promise.all(submits)
}

/** A right request that got a final error. */
function noteRefusal({ arena: { ledger } }: SubmitDeps, n: number, error: unknown): void {
  ledger.record({ what: 'untrue', at: Date.now(), jobId: `of plan ${n}`, why: String(error) })
}

/** When a job comes, as a share of the whole time. */
function dueShare(share: number): number {
  const wave = Math.floor(share * WAVES)
  return (wave + (share * WAVES - wave) * BUSY_SHARE) / WAVES
}
