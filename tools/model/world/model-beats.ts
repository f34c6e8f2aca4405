import type { BeatReport } from '../../../lib/job/life/attempt.ts'
import type { StoredJob } from '../../../lib/job/store/job-row.ts'
import type { Table } from '../../../lib/ports/table.ts'
import type { Leases, RenewerDeps } from '../../../worker/beats/lease-renewer.ts'
import type { BeatNews } from '../../../worker/beats/beat-messages.ts'
import { renewLease } from '../../../worker/beats/renew-lease.ts'
import { LeaseWatch } from '../../../worker/beats/lease-watch.ts'
import { type Process, runAs } from './process.ts'
import type { VirtualTime } from './virtual-time.ts'

interface ModelBeatsOptions {
  readonly time: VirtualTime
  readonly process: Process
  /** The beat thread's own connection. */
  readonly table: Table
  /** Attempts (`job:attempt`) whose leases are kept now. */
  readonly kept: Set<string>
  /** Those that are not any more. */
  readonly letGo: Set<string>
}

/** Keeps leases as the beat thread does, on a lane of its own in place of the thread. */
export class ModelBeats implements Leases {
  readonly isUp = true
  readonly note = undefined
  readonly #options: ModelBeatsOptions
  readonly #deps: RenewerDeps
  readonly #closing = new AbortController()

  constructor(options: ModelBeatsOptions, deps: RenewerDeps) {
    this.#options = options
    this.#deps = deps
  }

  watch(claimed: StoredJob, sentAtMs: number): LeaseWatch {
    const { kept, letGo, process } = this.#options
    const { job } = claimed
    const key = `${job.id}:${job.attempt}`
    const ended = new AbortController()
    const leaseMs = (job.lease?.leaseSeconds ?? 0) * 1000
    let latest: BeatReport = {}
    kept.add(key)
    const watch = new LeaseWatch({
      clock: this.#deps.clock,
      leaseMs,
      sentAtMs,
      report: (report) => (latest = report),
      end: () => {
        kept.delete(key)
        letGo.add(key)
        ended.abort()
      },
    })
    const watched = { key, claimed, workerId: this.#deps.workerId, leaseMs }
    const signal = AbortSignal.any([ended.signal, this.#closing.signal])
    const deps = this.#makeDeps((news) => pass(watch, news))
    const report = (): BeatReport => latest
    void runAs(process.beats, () => renewLease(deps, watched, { report, signal }))
    return watch
  }

  close(): Promise<void> {
    this.#closing.abort()
    return Promise.resolve()
  }

  #makeDeps(take: (news: BeatNews) => void): Parameters<typeof renewLease>[0] {
    const { time, table, process } = this.#options
    const isHanging = (): boolean => process.main.frozenUntilMs > time.nowMs
    return {
      table,
      clock: time.clockOf(process.beats),
      beatMs: this.#deps.beatSeconds * 1000,
      mainSilentMs: () => (isHanging() ? time.nowMs - process.main.frozenSinceMs : 0),
      tell: (news) => time.deliver(process.main, () => take(news)),
    }
  }
}

/** As the main thread passes on what the beat thread says. */
function pass(watch: LeaseWatch, news: BeatNews): void {
  if (news.is === 'renewed') watch.renew(news.sentAtMs)
  else if (news.is === 'cancel-requested') watch.emit('cancel-requested')
  else if (news.is === 'not-holder') watch.emit('not-holder')
}
