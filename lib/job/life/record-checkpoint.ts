import { type Holder, holdsLease } from './holds-lease.ts'
import type { Change, CheckpointRef, Job } from '../job.ts'

/** A checkpoint counts once its manifest stands in the row; only the running attempt may write it. */
export function recordCheckpoint(
  job: Job,
  holder: Holder,
  checkpoint: CheckpointRef,
): Change<'not-holder' | 'older'> {
  if (!holdsLease(job, holder)) return { ok: false, why: 'not-holder' }
  const last = job.checkpoint
  const isOlder = last?.attempt === checkpoint.attempt && last.number >= checkpoint.number
  if (isOlder) return { ok: false, why: 'older' }
  return { ok: true, job: { ...job, checkpoint } }
}
