import type { Clock } from '../../ports/clock.ts'
import type { Log } from '../../ports/log.ts'
import { PortUnavailable } from '../../ports/port-unavailable.ts'
import { readToken } from './access.ts'
import { findCaller, parseTokenSecret, type TokenSet } from './token-set.ts'

/** A token that was taken away is refused this much later at most. */
const MAX_AGE_MS = 60_000
/** A token that is new is looked for at most this often, so that guessing costs no reads. */
const MISS_AGE_MS = 10_000
/** Where the secret cannot be read, or makes no sense, what was read last counts this long. */
const LAST_RESORT_MS = 900_000

export interface TokenSourceOptions {
  /** The text of the secret. */
  readonly read: () => Promise<string>
  readonly clock: Pick<Clock, 'now'>
  readonly log: Log
}

interface Known {
  readonly tokens: TokenSet
  readonly readAtMs: number
}

/**
 * The tokens of a service, kept in memory and read again by age, so that they are rotated without a
 * deploy. Shared by the authorizer and the API.
 */
export class TokenSource {
  readonly #options: TokenSourceOptions
  #known: Known | undefined
  #triedAtMs = -Infinity
  #reading: Promise<void> | undefined

  constructor(options: TokenSourceOptions) {
    this.#options = options
  }

  /**
   * Makes sure that what is known is young enough to judge this header: a token that is not known
   * may have been added since.
   *
   * @throws PortUnavailable when there is nothing to judge by
   */
  async prepare(authorization: string | undefined): Promise<TokenSet> {
    if (this.#isDue(authorization)) {
      this.#reading ??= this.#refresh().finally(() => (this.#reading = undefined))
      await this.#reading
    }
    return this.current()
  }

  /** @throws PortUnavailable when the secret has not been read, or not for too long */
  current(): TokenSet {
    if (this.#ageMs() <= LAST_RESORT_MS && this.#known) return this.#known.tokens
    throw new PortUnavailable('tokens', 'read', new Error('the token secret was not read'))
  }

  #isDue(authorization: string | undefined): boolean {
    if (this.#known === undefined) return true
    if (this.#sinceMs(this.#triedAtMs) < MISS_AGE_MS) return false
    const token = readToken(authorization)
    const isMiss = token !== '' && findCaller(this.#known.tokens, token) === undefined
    return isMiss || this.#ageMs() >= MAX_AGE_MS
  }

  #ageMs(): number {
    return this.#known === undefined ? Infinity : this.#sinceMs(this.#known.readAtMs)
  }

  /** By the wall clock: the monotonic one may stand still while a function is frozen. */
  #sinceMs(thenMs: number): number {
    return Math.abs(this.#options.clock.now() - thenMs)
  }

  async #refresh(): Promise<void> {
    const { read, clock, log } = this.#options
    const readAtMs = clock.now()
    this.#triedAtMs = readAtMs
    try {
      this.#known = { tokens: parseTokenSecret(await read()), readAtMs }
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error)
      log.error('the token secret could not be read', { error: message })
    }
  }
}
