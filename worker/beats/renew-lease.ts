import { type BeatReport, type Holder, beat } from '../../lib/job/life/attempt.ts'
import { changeJob } from '../../lib/job/store/change-job.ts'
import type { StoredJob } from '../../lib/job/store/job-row.ts'
import type { Clock } from '../../lib/ports/clock.ts'
import type { Table } from '../../lib/ports/table.ts'
import type { BeatNews, LeaseTarget } from './beat-messages.ts'

export interface BeaterDeps {
  readonly table: Table
  readonly clock: Clock
  readonly beatMs: number
  /** For how long the worker's main loop has not turned. */
  readonly mainSilentMs: () => number
  readonly tell: (news: BeatNews) => void
}

/** A try that takes longer is left alone, and the next one starts beside it. */
const TRY_MS = 3000
const RETRY_MS = 1000
const MAX_HANGING = 5
const SILENCE_MIN_MS = 15_000

/**
 * Renews the lease of one attempt until the signal aborts or it no longer holds the job. Tries are
 * independent: one that hangs does not delay the next, and one that is answered late still counts from
 * the moment at which it was sent.
 */
export async function renewLease(
  deps: BeaterDeps,
  watched: LeaseTarget,
  { report, signal }: { report: () => BeatReport; signal: AbortSignal },
): Promise<void> {
  const { clock, beatMs } = deps
  const tries = new Tries(deps, watched, report)
  const maxSilenceMs = silenceLimitMs(beatMs, watched.leaseMs)
  await clock.sleep(beatMs, signal)
  while (!signal.aborted && !tries.isOver) {
    // A main loop that hangs cannot stop its job, so the lease is left to lapse.
    if (deps.mainSilentMs() > maxSilenceMs) {
      await clock.sleep(Math.min(RETRY_MS, beatMs), signal)
      continue
    }
    const startedMs = clock.monotonicMs()
    const slow = clock.sleep(Math.min(TRY_MS, beatMs), signal).then(() => 'slow' as const)
    const outcome = await Promise.race([tries.start(), slow])
    const periodMs = outcome === 'good' ? beatMs : Math.min(RETRY_MS, beatMs)
    await clock.sleep(periodMs - (clock.monotonicMs() - startedMs), signal)
  }
}

/** Three beats or 15 s, but always well within the lease. */
export function silenceLimitMs(beatMs: number, leaseMs: number): number {
  return Math.min(Math.max(3 * beatMs, SILENCE_MIN_MS), leaseMs / 2)
}

class Tries {
  readonly #deps: BeaterDeps
  readonly #watched: LeaseTarget
  readonly #report: () => BeatReport
  readonly #holder: Holder
  #known: StoredJob
  #hanging = 0
  isOver = false

  constructor(deps: BeaterDeps, watched: LeaseTarget, report: () => BeatReport) {
    this.#deps = deps
    this.#watched = watched
    this.#report = report
    this.#known = watched.claimed
    this.#holder = { workerId: watched.workerId, attempt: watched.claimed.job.attempt }
  }

  async start(): Promise<'good' | 'bad'> {
    if (this.#hanging >= MAX_HANGING) return 'bad'
    const { key } = this.#watched
    this.#hanging += 1
    try {
      return await this.#beat(key)
    } catch (error) {
      this.#deps.tell({ is: 'trouble', key, message: String(error) })
      return 'bad'
    } finally {
      this.#hanging -= 1
    }
  }

  async #beat(key: string): Promise<'good' | 'bad'> {
    const { table, tell, clock } = this.#deps
    const target = { id: this.#known.job.id, known: this.#known }
    const sentAtMs = clock.monotonicMs()
    const result = await changeJob(table, target, (job) => beat(job, this.#holder, this.#report()))
    if (!result.ok) {
      this.isOver = true
      tell({ is: 'not-holder', key })
      return 'bad'
    }
    if (result.stored.rev > this.#known.rev) this.#known = result.stored
    tell({ is: 'renewed', key, sentAtMs })
    if (result.stored.job.cancel !== undefined) tell({ is: 'cancel-requested', key })
    return 'good'
  }
}
