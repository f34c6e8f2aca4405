import type { LedgerEvent } from './ledger-event.ts'
import { type JobHistory, readHistories } from './job-history.ts'

/** How much there was to see, of each sort. */
interface Population {
  /** Jobs whose end was told more than once, by whomever. */
  readonly endsComparable: number
  /** Jobs of whose end there is more than one hash. */
  readonly resultsComparable: number
  /** Jobs that noted what they did. */
  readonly withEffects: number
  /** Jobs with a process in the process table. */
  readonly withProcesses: number
  /** Signals to workers that were not of the campaign's making. */
  readonly workersStopped: number
  /** Attempts of commands that were lost with their worker. */
  readonly lossesRead: number
}

/** What a ledger adds up to. Lists name the jobs, so that a failed gate says where to look. */
export interface Measures {
  readonly accepted: number
  readonly ended: number
  /** What the gates are judged by: a gate that had nothing to see proves nothing. */
  readonly seen: Population
  readonly lost: readonly string[]
  readonly untold: readonly string[]
  readonly endedTwice: readonly string[]
  readonly overwritten: readonly string[]
  readonly doubled: readonly string[]
  readonly untrue: readonly string[]
  readonly busyWorkersStopped: readonly string[]
  readonly orphans: readonly string[]
  readonly twoAtOnce: readonly string[]
  readonly ranOn: readonly string[]
  readonly noticedKilledMs: readonly number[]
  readonly noticedHungMs: readonly number[]
  /** Of killed workers, with the time in which the service or its scaler was away. */
  readonly noticedWallMs: readonly number[]
  /** What it took beyond the lease, which a silent worker always has. */
  readonly hungBeyondLeaseMs: readonly number[]
  /** Their log does not say that output may be missing where a worker was lost. */
  readonly lossesUntold: readonly string[]
  readonly logBytesWritten: number
  readonly logBytesCutMarked: number
  readonly logBytesCutUnmarked: number
}

export function measure(events: readonly LedgerEvent[]): Measures {
  const histories = [...readHistories(events).values()]
  const accepted = histories.filter((job) => job.accepted)
  const idsWhere = (test: (job: JobHistory) => boolean) => {
    return histories.filter(test).map((job) => job.jobId)
  }
  return {
    accepted: accepted.length,
    ended: accepted.filter((job) => job.ends.length > 0).length,
    seen: {
      endsComparable: histories.filter(({ ends }) => ends.length > 1).length,
      resultsComparable: histories.filter(({ ends }) => countDigests(ends) > 1).length,
      withEffects: histories.filter(({ effects }) => effects.length > 0).length,
      withProcesses: jobsOf(events, 'process-seen').length,
      workersStopped: events.filter(({ what }) => what === 'worker-stopped').length,
      lossesRead: events.filter(({ what }) => what === 'loss-read').length,
    },
    lost: idsWhere((job) => job.accepted && job.ends.length === 0),
    untold: idsWhere(
      (job) => job.ends.length > 0 && !job.ends.some((end) => end.where === 'queue'),
    ),
    endedTwice: idsWhere(hasTwoEnds),
    overwritten: idsWhere(hasTwoResults),
    untrue: idsWhere((job) => job.untrue.length > 0),
    ranOn: idsWhere(ranOn),
    lossesUntold: events.flatMap((event) => {
      return event.what === 'loss-read' && !event.isTold ? event.jobId : []
    }),
    ...measureProcesses(events, idsWhere(overlapped)),
    ...measureNotices(events),
    ...measureLogs(events),
  }
}

function countDigests(ends: JobHistory['ends']): number {
  return ends.filter(({ digest }) => digest !== undefined).length
}

function hasTwoEnds({ ends }: JobHistory): boolean {
  return new Set(ends.map((end) => `${end.attempt} ${end.status} ${end.reason ?? ''}`)).size > 1
}

function hasTwoResults({ ends }: JobHistory): boolean {
  return new Set(ends.flatMap((end) => end.digest ?? [])).size > 1
}

/** Anything that a job does after somebody saw its end. */
function ranOn({ ends, effects }: JobHistory): boolean {
  const endedAt = Math.min(...ends.map((end) => end.at))
  return effects.some((effect) => effect.at > endedAt)
}

/** An earlier attempt that was alive after a later one had begun. */
function overlapped({ effects }: JobHistory): boolean {
  const starts = effects.filter(({ effect }) => effect === 'start')
  return starts.some((start) => {
    return effects.some((other) => other.attempt < start.attempt && other.at > start.at)
  })
}

function measureProcesses(events: readonly LedgerEvent[], overlaps: readonly string[]) {
  const seen = jobsOf(events, 'two-at-once')
  return {
    doubled: jobsOf(events, 'doubled'),
    busyWorkersStopped: jobsOf(events, 'busy-worker-stopped'),
    orphans: jobsOf(events, 'orphan'),
    twoAtOnce: [...new Set([...seen, ...overlaps])],
  }
}

type OfJob = Extract<LedgerEvent, { readonly jobId: string }>['what']

function jobsOf(events: readonly LedgerEvent[], what: OfJob): string[] {
  const ids = events.flatMap((event) =>
    event.what === what && 'jobId' in event ? event.jobId : [],
  )
  return [...new Set(ids)]
}

function measureNotices(events: readonly LedgerEvent[]) {
  const timesOf = (how: 'killed' | 'hung') => {
    return events.flatMap((event) => {
      return event.what === 'noticed' && event.how === how ? event.afterMs : []
    })
  }
  const hungBeyondLeaseMs = events.flatMap((event) => {
    return event.what === 'noticed' && event.leaseMs !== undefined && event.how === 'hung'
      ? event.afterMs - event.leaseMs
      : []
  })
  return {
    noticedKilledMs: timesOf('killed'),
    noticedHungMs: timesOf('hung'),
    hungBeyondLeaseMs,
    noticedWallMs: events.flatMap((event) => {
      const isKilled = event.what === 'noticed' && event.how === 'killed'
      return isKilled ? (event.wallMs ?? event.afterMs) : []
    }),
  }
}

/** What is missing beyond what the markers own up to was cut without a word. */
function measureLogs(events: readonly LedgerEvent[]) {
  let [logBytesWritten, logBytesCutMarked, logBytesCutUnmarked] = [0, 0, 0]
  for (const event of events) {
    if (event.what !== 'log-read') continue
    const missing = Math.max(0, event.wroteBytes - event.gotBytes)
    logBytesWritten += event.wroteBytes
    const marked = Math.min(missing, event.markedBytes)
    logBytesCutMarked += marked
    logBytesCutUnmarked += missing - marked
  }
  return { logBytesWritten, logBytesCutMarked, logBytesCutUnmarked }
}
