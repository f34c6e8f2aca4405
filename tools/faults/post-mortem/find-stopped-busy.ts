import type { Outage } from '../arena.ts'
import type { LedgerEvent } from '../ledger-event.ts'
import type { Effect } from '../watch/effects.ts'
import type { WorkerRecord } from '../watch/worker-records.ts'

interface Seen {
  readonly records: readonly WorkerRecord[]
  readonly effects: readonly Effect[]
  readonly outages: readonly Outage[]
}

type WorkerStopped = Extract<LedgerEvent, { readonly what: 'worker-stopped' }>
type Stopped = Extract<LedgerEvent, { readonly what: 'busy-worker-stopped' }>

/**
 * Signals that the service sent to workers which ran a job at that moment, by the job's own account:
 * it had begun before in that worker and showed itself there afterwards.
 */
export function findStoppedBusy({ records, effects, outages }: Seen): Stopped[] {
  return records.flatMap((record) => {
    if (record.what !== 'signal' || isOurDoing(record, outages)) return []
    return jobsAt(record, effects).map((jobId): Stopped => {
      const { at, workerId, signal } = record
      return { what: 'busy-worker-stopped', at, jobId, workerId, how: signal }
    })
  })
}

/** Signals of the service's own making; each had the chance to stop a busy worker. */
export function findStopped({ records, outages }: Omit<Seen, 'effects'>): WorkerStopped[] {
  return records
    .filter((record) => record.what === 'signal' && !isOurDoing(record, outages))
    .map(({ at, workerId }): WorkerStopped => ({ what: 'worker-stopped', at, workerId }))
}

/** The service was told to stop, or the worker hung by the campaign's hand. */
function isOurDoing({ at, taskId }: WorkerRecord, outages: readonly Outage[]): boolean {
  return outages.some((outage) => {
    const isTheirs = outage.taskId === undefined || outage.taskId === taskId
    return outage.kind === 'down' && isTheirs && outage.fromMs <= at && outage.untilMs >= at
  })
}

function jobsAt({ at, taskId }: WorkerRecord, effects: readonly Effect[]): string[] {
  const here = effects.filter((effect) => effect.taskId === taskId)
  const begun = here.filter(({ effect, at: startMs }) => effect === 'start' && startMs <= at)
  return begun
    .filter(({ jobId, attempt }) => {
      return here.some((later) => {
        return later.jobId === jobId && later.attempt === attempt && later.at > at
      })
    })
    .map(({ jobId }) => jobId)
}
