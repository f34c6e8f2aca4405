/**
 * Protects the worker against scale-in and deploys while it has work.
 *
 * Level-triggered: what is wanted follows from the slots (any taken, or the last one given back less
 * than `holdMs` ago); the manager brings what is held in line with it. One call is in flight at a
 * time, so that a late answer of an old call is never taken for that of a newer one.
 *
 * Invariants:
 * - The row says `busy` before protection is asked for, and `idle` only after a confirmed release:
 *   the scaler never counts a protected worker as free to go.
 * - An answer that did not come leaves the state `unsure`, which counts as held for the row and as
 *   not held for a claim.
 */
import type { Clock } from '../../lib/ports/clock.ts'
import type { Log } from '../../lib/ports/log.ts'
import type { ScalerKick } from '../../lib/ports/scaler-kick.ts'
import type { ProtectionAnswer, TaskProtection } from '../../lib/ports/task-protection.ts'
import type { Backoff } from '../../lib/pace/backoff.ts'
import { Serial } from '../../lib/pace/serial.ts'
import { WakeableTimer } from '../../lib/pace/wakeable-timer.ts'
import type { Pace } from './pace.ts'

export interface ProtectionDeps {
  readonly protection: TaskProtection
  readonly kick: ScalerKick
  readonly clock: Clock
  readonly log: Log
  readonly pace: Pace
  /** How long protection is asked for at a time. */
  readonly minutes: number
  /** How long it is held after the last job. */
  readonly holdMs: number
  /** Slots taken now. */
  readonly taken: () => number
  /** A draining worker lets go at once. */
  readonly isDraining: () => boolean
  /** Writes the row as it is to be seen now. */
  readonly writeRow: () => Promise<void>
}

export type ProtectionResult = { readonly ok: true } | { readonly ok: false; readonly why: string }

/** Clocks of agent and worker differ a little. */
const LAPSE_MARGIN_MS = 5000
const MAX_WAIT_MS = 60_000

export class ProtectionManager {
  readonly #deps: ProtectionDeps
  readonly #timer: WakeableTimer
  readonly #backoff: Backoff
  readonly #serial = new Serial()
  #state: 'none' | 'held' | 'unsure' = 'none'
  /** Monotonic time of sending the last granted ask. */
  #grantedAtMs = 0
  #untilMs: number | undefined
  #hadWork = false
  #idleSinceMs = -Infinity
  #retryAtMs = -Infinity
  #asking: Promise<ProtectionResult> | undefined
  #refusal: string | undefined

  constructor(deps: ProtectionDeps) {
    this.#deps = deps
    this.#timer = new WakeableTimer(deps.clock)
    this.#backoff = deps.pace.backoff('protection')
  }

  /** Whether the row must say `busy` for protection's sake. */
  get mayBeHeld(): boolean {
    return this.#state !== 'none'
  }

  /** Milliseconds since 1970, as the agent answered. */
  get protectedUntilMs(): number | undefined {
    return this.#state === 'none' ? undefined : this.#untilMs
  }

  /** Why protection was refused last, while it is. */
  get refusal(): string | undefined {
    return this.#refusal
  }

  /** Before a claim, with the slot taken: whether the worker is certainly protected. */
  acquire(): Promise<ProtectionResult> {
    if (this.#isFresh()) return Promise.resolve({ ok: true })
    this.#asking ??= this.#serial
      .run(() => this.#ask())
      .finally(() => {
        this.#asking = undefined
      })
    return this.#asking
  }

  /** The slots or the drain state changed. */
  nudge(): void {
    const hasWork = this.#deps.taken() > 0
    if (this.#hadWork && !hasWork) this.#idleSinceMs = this.#deps.clock.monotonicMs()
    this.#hadWork = hasWork
    this.#timer.wake()
  }

  /** Renews and releases until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#step()
      if (!signal.aborted) await this.#timer.wait(this.#waitMs(), signal)
    }
  }

  /** At the end of the worker: lets go, whatever the hold says. */
  async releaseNow(): Promise<void> {
    if (this.mayBeHeld) await this.#serial.run(() => this.#release())
  }

  get #isWanted(): boolean {
    if (this.#deps.taken() > 0) return true
    const idleMs = this.#deps.clock.monotonicMs() - this.#idleSinceMs
    return !this.#deps.isDraining() && idleMs < this.#deps.holdMs
  }

  /** A third of the expiry has not passed: no need to ask again. */
  #isFresh(): boolean {
    const ageMs = this.#deps.clock.monotonicMs() - this.#grantedAtMs
    return this.#state === 'held' && ageMs < (this.#deps.minutes * 60_000) / 3
  }

  async #step(): Promise<void> {
    if (this.#deps.clock.monotonicMs() < this.#retryAtMs) return
    if (this.#deps.taken() > 0 && this.mayBeHeld && !this.#isFresh()) await this.acquire()
    else if (!this.#isWanted && this.mayBeHeld) await this.#serial.run(() => this.#release())
  }

  #waitMs(): number {
    const nowMs = this.#deps.clock.monotonicMs()
    if (nowMs < this.#retryAtMs) return this.#retryAtMs - nowMs
    if (!this.mayBeHeld) return MAX_WAIT_MS
    const dueMs =
      this.#deps.taken() > 0
        ? this.#grantedAtMs + (this.#deps.minutes * 60_000) / 3
        : this.#idleSinceMs + this.#deps.holdMs
    return Math.min(Math.max(dueMs - nowMs, 1), MAX_WAIT_MS)
  }

  async #ask(): Promise<ProtectionResult> {
    const { protection, clock, minutes, writeRow } = this.#deps
    try {
      await writeRow()
    } catch (error) {
      return this.#fail(`the worker's row could not be written: ${String(error)}`)
    }
    const sentAtMs = clock.monotonicMs()
    const wasHeld = this.#state === 'held'
    if (!wasHeld) this.#state = 'unsure'
    const answer = await protection.protect(minutes)
    if (answer.kind === 'granted') {
      this.#state = 'held'
      this.#grantedAtMs = sentAtMs
      this.#untilMs = answer.untilMs
      this.#refusal = undefined
      this.#retryAtMs = -Infinity
      this.#timer.wake()
      return { ok: true }
    }
    // What was granted before still lasts when a renewal is refused.
    if (answer.kind === 'refused' && !wasHeld) this.#state = 'none'
    return this.#fail(describeAnswer(answer))
  }

  #fail(why: string): ProtectionResult {
    const { log, kick, clock } = this.#deps
    this.#refusal = why
    this.#retryAtMs = clock.monotonicMs() + this.#backoff.nextMs()
    log.warn('not protected', { why })
    void kick.kick()
    return { ok: false, why }
  }

  async #release(): Promise<void> {
    const { protection, clock, log, writeRow, taken } = this.#deps
    if (taken() > 0) return // taken meanwhile
    // Not fresh from here on: a claim must ask anew, behind this call.
    this.#state = 'unsure'
    const answer = await protection.release()
    const hasLapsed = this.#untilMs !== undefined && clock.now() > this.#untilMs + LAPSE_MARGIN_MS
    if (answer.kind !== 'released' && !hasLapsed) {
      log.warn('protection was not released', { why: describeAnswer(answer) })
      this.#retryAtMs = clock.monotonicMs() + this.#backoff.nextMs()
      return
    }
    this.#state = 'none'
    this.#untilMs = undefined
    await writeRow().catch((error: unknown) => {
      log.warn('worker row not written', { error: String(error) })
    })
  }
}

function describeAnswer(answer: ProtectionAnswer): string {
  return 'reason' in answer ? `${answer.kind}: ${answer.reason}` : answer.kind
}
