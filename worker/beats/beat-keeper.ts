import { Worker } from 'node:worker_threads'
import type { BeatReport } from '../../lib/job/life/attempt.ts'
import type { StoredJob } from '../../lib/job/store/job-row.ts'
import type { Clock } from '../../lib/ports/clock.ts'
import type { Log } from '../../lib/ports/log.ts'
import { monotonicMs } from '../../lib/pace/monotonic.ts'
import type { StoreSettings } from '../start/store-settings.ts'
import type { BeatNews, BeatOrder, BeatThreadData, Watched } from './beat-messages.ts'
import { LeaseWatch } from './lease-watch.ts'

export interface BeatKeeperDeps {
  readonly store: StoreSettings
  readonly beatSeconds: number
  readonly workerId: string
  readonly clock: Clock
  readonly log: Log
  /** After each change of `isUp`. */
  readonly onChange: () => void
}

const ALIVE_MS = 100
const FIRST_RESTART_MS = 1000
const MAX_RESTART_MS = 10_000
const CLOSE_MS = 3000

/** What keeps the leases of a worker's attempts. */
export type Beats = Pick<BeatKeeper, 'isUp' | 'note' | 'watch' | 'close'>

/** Main-thread side of the beats: starts the thread, tells it what to keep, passes on its news. */
export class BeatKeeper {
  readonly #deps: BeatKeeperDeps
  readonly #program: URL
  readonly #aliveAt = new SharedArrayBuffer(8)
  readonly #aliveTimer: NodeJS.Timeout
  readonly #watches = new Map<string, { watch: LeaseWatch; watched: Watched }>()
  #thread: Worker
  #isClosed = false
  #isUp = false
  #restartMs = FIRST_RESTART_MS
  #note: string | undefined

  /** @param program the thread's, in JavaScript */
  constructor(deps: BeatKeeperDeps, program: URL) {
    this.#deps = deps
    this.#program = program
    const alive = new BigInt64Array(this.#aliveAt)
    const note = (): void => void Atomics.store(alive, 0, BigInt(Math.floor(monotonicMs())))
    note()
    this.#aliveTimer = setInterval(note, ALIVE_MS).unref()
    this.#thread = this.#startThread()
  }

  /** Whether the thread has its table connection: without it no lease is kept, so none is taken. */
  get isUp(): boolean {
    return this.#isUp
  }

  /** Why the thread is not up. */
  get note(): string | undefined {
    return this.#isUp ? undefined : this.#note
  }

  /** Keeps the lease of an attempt that was claimed with a write sent at `sentAtMs`. */
  watch(claimed: StoredJob, sentAtMs: number): LeaseWatch {
    const { job } = claimed
    const key = `${job.id}:${job.attempt}`
    const leaseMs = (job.lease?.leaseSeconds ?? 0) * 1000
    const watched: Watched = { key, claimed, workerId: this.#deps.workerId, leaseMs }
    const watch = new LeaseWatch({
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

  /** Ends the thread; what it kept is no longer renewed. */
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
    setTimeout(() => this.#restart(), this.#restartMs)
    this.#restartMs = Math.min(this.#restartMs * 2, MAX_RESTART_MS)
  }

  #setUp(isUp: boolean): void {
    this.#isUp = isUp
    this.#deps.onChange()
  }

  /** A thread that broke is replaced; the leases that it kept are still good for a while. */
  #restart(): void {
    if (this.#isClosed) return
    this.#thread = this.#startThread()
    for (const { watched } of this.#watches.values()) this.#order({ do: 'watch', watched })
  }

  #pass(news: BeatNews): void {
    if (news.is === 'up') {
      this.#restartMs = FIRST_RESTART_MS
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
