import { Worker } from 'node:worker_threads'
import type { BeatReport } from '../../lib/job/life/attempt.ts'
import type { StoredJob } from '../../lib/job/store/job-row.ts'
import type { Clock } from '../../lib/ports/clock.ts'
import type { Log } from '../../lib/ports/log.ts'
import type { Backoff } from '../../lib/pace/backoff.ts'
import type { Pace } from '../loop/pace.ts'
import type { BeatNews, BeatOrder, BeatThreadData, LeaseTarget } from './beat-messages.ts'
import { LeaseWatch } from './lease-watch.ts'

export interface RenewerDeps {
  readonly store: BeatThreadData['store']
  readonly beatSeconds: number
  readonly workerId: string
  readonly clock: Clock
  readonly pace: Pace
  readonly log: Log
  /** After each change of `isUp`. */
  readonly onChange: () => void
}

const ALIVE_MS = 100
const CLOSE_MS = 3000

/** What renews the leases of a worker's attempts. */
export type Leases = Pick<LeaseRenewer, 'isUp' | 'note' | 'watch' | 'close'>

/** Renews leases by a thread of its own: starts it, tells it which, passes on its news. */
export class LeaseRenewer {
  readonly #deps: RenewerDeps
  readonly #program: URL
  readonly #backoff: Backoff
  readonly #aliveAt = new SharedArrayBuffer(8)
  readonly #aliveTimer: NodeJS.Timeout
  readonly #watches = new Map<string, { watch: LeaseWatch; watched: LeaseTarget }>()
  #thread: Worker
  #isClosed = false
  #isUp = false
  #note: string | undefined

  /** @param program the thread's, in JavaScript */
  constructor(deps: RenewerDeps, program: URL) {
    this.#deps = deps
    this.#program = program
    this.#backoff = deps.pace.backoff('leaseThread')
    const alive = new BigInt64Array(this.#aliveAt)
    const note = (): void =>
      void Atomics.store(alive, 0, BigInt(Math.floor(deps.clock.monotonicMs())))
    note()
    this.#aliveTimer = setInterval(note, ALIVE_MS).unref()
    this.#thread = this.#startThread()
  }

  /** Whether the thread has its table connection: without it no lease is renewed, so none is taken. */
  get isUp(): boolean {
    return this.#isUp
  }

  /** Why the thread is not up. */
  get note(): string | undefined {
    return this.#isUp ? undefined : this.#note
  }

  /** Renews the lease of an attempt that was claimed with a write sent at `sentAtMs` (monotonic). */
  watch(claimed: StoredJob, sentAtMs: number): LeaseWatch {
    const { job } = claimed
    const key = `${job.id}:${job.attempt}`
    const leaseMs = (job.lease?.leaseSeconds ?? 0) * 1000
    const watched: LeaseTarget = { key, claimed, workerId: this.#deps.workerId, leaseMs }
    const watch = new LeaseWatch({
      clock: this.#deps.clock,
      leaseMs,
      sentAtMs,
      report: (report: BeatReport) => this.#order({ do: 'report', key, report }),
      end: () => {
        this.#watches.delete(key)
        this.#order({ do: 'end', key })
      },
    })
    this.#watches.set(key, { watch, watched })
    this.#order({ do: 'watch', watched })
    return watch
  }

  /** Ends the thread: nothing is renewed any more. */
  async close(): Promise<void> {
    this.#isClosed = true
    clearInterval(this.#aliveTimer)
    const closing = new AbortController()
    this.#thread.once('exit', () => closing.abort())
    this.#order({ do: 'close' })
    await this.#deps.clock.sleep(CLOSE_MS, closing.signal)
    await this.#thread.terminate() // no effect once it has ended
  }

  #order(order: BeatOrder): void {
    // eslint-disable-next-line unicorn/require-post-message-target-origin -- a thread, no window
    this.#thread.postMessage(order)
  }

  #startThread(): Worker {
    const { store, beatSeconds, log } = this.#deps
    const data: BeatThreadData = { store, beatMs: beatSeconds * 1000, aliveAt: this.#aliveAt }
    const thread = new Worker(this.#program, { workerData: data })
    thread.on('message', (news: BeatNews) => this.#pass(news))
    thread.on('error', (error) => {
      log.error('beat thread failed', { error: String(error) })
      this.#note = `the beat thread failed: ${String(error)}`
    })
    thread.on('exit', () => this.#noteExit())
    return thread
  }

  #noteExit(): void {
    if (this.#isClosed) return
    this.#setUp(false)
    setTimeout(() => this.#restart(), this.#backoff.nextMs())
  }

  #setUp(isUp: boolean): void {
    this.#isUp = isUp
    this.#deps.onChange()
  }

  /** A thread that broke is replaced; the leases that it renewed are still good for a while. */
  #restart(): void {
    if (this.#isClosed) return
    this.#thread = this.#startThread()
    for (const { watched } of this.#watches.values()) this.#order({ do: 'watch', watched })
  }

  #pass(news: BeatNews): void {
    if (news.is === 'up') {
      this.#backoff.reset()
      this.#setUp(true)
      return
    }
    const watch = this.#watches.get(news.key)?.watch
    if (watch === undefined) return
    if (news.is === 'renewed') watch.renew(news.sentAtMs)
    else if (news.is === 'cancel-requested') watch.emit('cancel-requested')
    else if (news.is === 'not-holder') watch.emit('not-holder')
    else this.#deps.log.warn('beat failed', { attempt: news.key, error: news.message })
  }
}
