import type { Arena } from './arena.ts'
import type { KnownJob, KnownJobs } from './known-jobs.ts'

/**
 * A job that an answer or a message names. Met for the first time it counts as accepted; a second
 * job of one plan was made twice by one key.
 */
export function noteJob(
  { arena: { ledger }, jobs }: { readonly arena: Pick<Arena, 'ledger'>; readonly jobs: KnownJobs },
  { jobId, n }: { readonly jobId: string; readonly n: number },
): KnownJob {
  const known = jobs.find(jobId)
  if (known !== undefined) return known
  const other = jobs.ofPlan(n)
  const job = jobs.add(jobId, n)
  const at = Date.now()
  ledger.record({ what: 'accepted', at, jobId, kind: job.plan.kind })
  if (other !== undefined) {
    ledger.record({ what: 'doubled', at, jobId, other: other.jobId })
  }
  return job
}
