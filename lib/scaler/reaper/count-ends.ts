import { type Job, toTimestamp } from '../../job/job.ts'
import { dueHash } from '../../job/keys.ts'
import type { MetricName } from '../../registry/metrics.ts'
import type { MetricSample } from '../../ports/metrics.ts'
import type { ScalerDeps } from '../look/scaler-deps.ts'
import { readHits } from '../read-jobs.ts'
import type { ReaperStep } from './reaper-step.ts'

/** Most ends that one look counts; where more jobs end, the metrics are too low. */
const MAX_ENDS = 1000
const ENDS_PER_PAGE = 100
/** An end bears the time of its worker's clock, and enters the index only once its message was sent. */
const LATE_MS = 60_000

interface EndsMemory {
  /** Up to when ends were counted; absent before the first look. */
  readonly upToMs?: number
  /** Those of the last minute that were counted, so that a late one counts too. */
  readonly ids: readonly string[]
}

const STATUS_METRICS: Readonly<Record<string, MetricName>> = {
  succeeded: 'JobsSucceeded',
  failed: 'JobsFailed',
  canceled: 'JobsCanceled',
}

/** Each end once, whoever ended the job: counts, run times and waits go to the metrics. */
export const countEnds: ReaperStep<'ends', EndsMemory> = {
  name: 'ends',
  empty: { ids: [] },
  skipsQuietLooks: true,
  async run({ deps }, before) {
    const fromMs = before.upToMs ?? deps.clock.now()
    const recent = await readEndedAfter(deps, fromMs - LATE_MS)
    const known = new Set(before.ids)
    const fresh = before.upToMs === undefined ? [] : recent.filter(({ id }) => !known.has(id))
    await deps.metrics.emit(fresh.flatMap(samplesOf))
    const upToMs = Math.max(fromMs, ...recent.map(endMs))
    const ids = recent.filter((job) => endMs(job) > upToMs - LATE_MS).map(({ id }) => id)
    return { memory: { upToMs, ids } }
  },
}

/** Newest first, and no further back than `afterMs`: a handful while the service is quiet. */
async function readEndedAfter(deps: ScalerDeps, afterMs: number): Promise<Job[]> {
  const recent: Job[] = []
  let after: string | undefined
  do {
    const { hits, next } = await deps.table.queryIndex({
      index: 'byDue',
      hash: dueHash('ended'),
      newestFirst: true,
      limit: ENDS_PER_PAGE,
      ...(after !== undefined && { after }),
    })
    // Ranges are `time#id`.
    const fresh = hits.filter(({ range }) => range > toTimestamp(afterMs))
    const { jobs } = await readHits(deps, fresh)
    recent.push(...jobs.map(({ job }) => job).filter((job) => endMs(job) > afterMs))
    after = fresh.length < hits.length ? undefined : next
  } while (after !== undefined && recent.length < MAX_ENDS)
  return recent
}

function endMs({ endedAt }: Job): number {
  return Date.parse(endedAt ?? '')
}

function samplesOf(job: Job): MetricSample[] {
  const { acceptedAt, attempts } = job
  const first = attempts[0]
  const last = attempts.at(-1)
  const atMs = endMs(job)
  const status = STATUS_METRICS[job.status]
  const samples: MetricSample[] = status === undefined ? [] : [{ name: status, value: 1, atMs }]
  if (first === undefined || last === undefined) return samples
  const runSeconds = secondsBetween(last.startedAt, last.endedAt)
  const waitSeconds = secondsBetween(acceptedAt, first.startedAt)
  return [
    ...samples,
    { name: 'RunSeconds', value: runSeconds, atMs },
    { name: 'WaitSeconds', value: waitSeconds, atMs },
  ]
}

function secondsBetween(from: string, to: string): number {
  return Math.max(Date.parse(to) - Date.parse(from), 0) / 1000
}
