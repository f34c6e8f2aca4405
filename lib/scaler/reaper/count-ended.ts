import { type Job, toTimestamp } from '../../job/job.ts'
import { dueHash } from '../../job/keys.ts'
import type { MetricName } from '../../registry/metrics.ts'
import type { MetricSample } from '../../ports/metrics.ts'
import type { Table } from '../../ports/table.ts'
import { readHits } from '../read-nominated.ts'
import type { ReaperContext } from './reaper-context.ts'

/** Ends that are counted in one look; a faster service is counted too low. */
const MAX_ENDS = 1000
const ENDS_PER_PAGE = 100
/** An end is written with the clock of its worker and is in the index only once it has been told. */
const LATE_MS = 60_000

/** Up to when ends were counted, and which of the last minute, so that a late one counts too. */
export interface EndsCounted {
  readonly upToMs: number
  readonly ids: readonly string[]
}

const STATUS_METRICS: Readonly<Record<string, MetricName>> = {
  succeeded: 'JobsSucceeded',
  failed: 'JobsFailed',
  canceled: 'JobsCanceled',
}

/** Each end once, whoever ended the job: counts, run times and waits go to the metrics. */
export async function countEnded(context: ReaperContext): Promise<EndsCounted | undefined> {
  const { deps, memory, isQuiet = false } = context
  if (isQuiet) return undefined
  const nowMs = deps.clock.now()
  const before = memory.ends ?? { upToMs: nowMs, ids: [] }
  const recent = await readEndedAfter(deps.table, before.upToMs - LATE_MS)
  const known = new Set(before.ids)
  const fresh = memory.ends === undefined ? [] : recent.filter(({ id }) => !known.has(id))
  await deps.metrics.emit(fresh.flatMap(samplesOf))
  const upToMs = Math.max(before.upToMs, ...recent.map(endMs))
  return { upToMs, ids: recent.filter((job) => endMs(job) > upToMs - LATE_MS).map(({ id }) => id) }
}

/** Newest first, and no further back than asked for: of a service that rests, a handful. */
async function readEndedAfter(table: Table, afterMs: number): Promise<Job[]> {
  const recent: Job[] = []
  let after: string | undefined
  do {
    const { hits, next } = await table.queryIndex({
      index: 'byDue',
      hash: dueHash('ended'),
      newestFirst: true,
      limit: ENDS_PER_PAGE,
      ...(after !== undefined && { after }),
    })
    // Ranges are `time#id`.
    const fresh = hits.filter(({ range }) => range > toTimestamp(afterMs))
    const jobs = (await readHits(table, fresh)).map(({ job }) => job)
    recent.push(...jobs.filter((job) => endMs(job) > afterMs))
    after = fresh.length < hits.length ? undefined : next
  } while (after !== undefined && recent.length < MAX_ENDS)
  return recent
}

function endMs({ endedAt }: Job): number {
  return Date.parse(endedAt ?? '')
}

function samplesOf(job: Job): MetricSample[] {
  const atMs = endMs(job)
  const status = STATUS_METRICS[job.status]
  const last = job.attempts.at(-1)
  const first = job.attempts[0]
  return [
    ...(status === undefined ? [] : [{ name: status, value: 1, atMs }]),
    ...(last === undefined
      ? []
      : [
          {
            name: 'RunSeconds' as const,
            value: secondsBetween(last.startedAt, last.endedAt),
            atMs,
          },
        ]),
    ...(first === undefined
      ? []
      : [
          {
            name: 'WaitSeconds' as const,
            value: secondsBetween(job.acceptedAt, first.startedAt),
            atMs,
          },
        ]),
  ]
}

function secondsBetween(from: string, to: string): number {
  return Math.max(Date.parse(to) - Date.parse(from), 0) / 1000
}
