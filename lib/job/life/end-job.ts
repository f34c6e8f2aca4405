import { type EndDetail, type EndStatus, type Job, toTimestamp } from '../job.ts'

const DAY_MS = 86_400_000
/** How long an ended job's row is kept; its files follow the bucket's lifecycle. */
export const KEEP_ENDED_DAYS = 30

/** The one place where a job gets its end. Callers have checked that it has none yet. */
export function endJob(
  job: Job,
  { status, end }: { status: EndStatus; end: EndDetail },
  nowMs: number,
): Job {
  const { lease: _lease, readyAt: _readyAt, ...rest } = job
  return {
    ...rest,
    status,
    end,
    endedAt: toTimestamp(nowMs),
    notifyAt: toTimestamp(nowMs),
    expiresAt: toTimestamp(nowMs + KEEP_ENDED_DAYS * DAY_MS),
  }
}
