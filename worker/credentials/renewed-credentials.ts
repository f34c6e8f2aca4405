import type { Clock } from '../../lib/ports/clock.ts'
import type { SessionCredentials } from '../../lib/ports/job-credentials.ts'
import { waitAtMost } from '../../lib/pace/wait-at-most.ts'

/**
 * Credentials that are given out last at least this long, while new ones can be had: botocore asks for
 * new ones a quarter of an hour before the end.
 */
const RENEW_BEFORE_MS = 30 * 60_000
/** SDKs wait a second for an answer, then ask again. */
const PATIENCE_MS = 500
/** Between two calls for the same holder: programs that ask in a loop must not flood the issuer. */
const PAUSE_MS = 1000

/**
 * The credentials of one holder, renewed when a program asks: one that never asks costs no call.
 *
 * - One renewal is under way at a time; all callers that wait share it.
 * - While the issuer is away the last ones are given as long as they are valid.
 */
export class RenewedCredentials {
  readonly #issue: () => Promise<SessionCredentials>
  readonly #clock: Clock
  #held: SessionCredentials | undefined
  #renewal: Promise<void> | undefined
  #failure: unknown
  #quietUntilMs = -Infinity

  constructor(issue: () => Promise<SessionCredentials>, clock: Clock) {
    this.#issue = issue
    this.#clock = clock
  }

  /** @throws what the issuer threw last, when there are no valid ones */
  async read(): Promise<SessionCredentials> {
    if (this.#leftMs >= RENEW_BEFORE_MS) return this.#get()
    const renewal = this.#renew()
    if (this.#leftMs <= 0) await renewal
    else await waitAtMost(this.#clock, PATIENCE_MS, renewal)
    return this.#get()
  }

  get #leftMs(): number {
    return (this.#held?.expiresAtMs ?? 0) - this.#clock.now()
  }

  #get(): SessionCredentials {
    if (this.#held !== undefined && this.#leftMs > 0) return this.#held
    throw this.#failure ?? new Error('the credentials that were issued have expired already')
  }

  /** Never rejects. */
  #renew(): Promise<void> {
    if (this.#renewal !== undefined) return this.#renewal
    if (this.#clock.monotonicMs() < this.#quietUntilMs) return Promise.resolve()
    this.#renewal = this.#call().finally(() => {
      this.#quietUntilMs = this.#clock.monotonicMs() + PAUSE_MS
      this.#renewal = undefined
    })
    return this.#renewal
  }

  async #call(): Promise<void> {
    try {
      this.#held = await this.#issue()
      this.#failure = undefined
    } catch (error) {
      this.#failure = error
    }
  }
}
