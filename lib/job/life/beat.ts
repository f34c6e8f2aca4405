import { type Holder, holdsLease } from './holds-lease.ts'
import type { Change, Job, LogCounts, Progress } from '../job.ts'

export interface BeatReport {
  readonly progress?: Progress
  readonly logs?: LogCounts
}

/** Renews the lease and carries what the attempt has to say. */
export function beat(job: Job, holder: Holder, report: BeatReport): Change<'not-holder'> {
  const { lease } = job
  if (lease === undefined || !holdsLease(job, holder)) return { ok: false, why: 'not-holder' }
  return { ok: true, job: { ...job, ...report, lease: { ...lease, beat: lease.beat + 1 } } }
}
