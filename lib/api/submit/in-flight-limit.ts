import { ServiceError } from '../../registry/errors.ts'
import type { Clock } from '../../ports/clock.ts'
import { discardBody } from '../read/read-body.ts'

/**
 * Submits that one process has in hand, and bytes of their bodies. A body is held several times over
 * while it is parsed and stored, so the memory that this bounds is a few times as much. On Lambda a
 * process has one request at a time and never meets it.
 */
const MAX_SUBMITS = 400
const MAX_BYTES = 64 * 1024 ** 2
/** A submit takes milliseconds: whoever comes back after this finds other submits in hand. */
const RETRY_AFTER_SECONDS = 2

/** Bounds what a crowd of callers makes the process hold: what does not fit is refused. */
export class InFlightLimit {
  readonly #bounds: { readonly maxSubmits: number; readonly maxBytes: number }
  readonly #clock: Clock
  #submits = 0
  #bytes = 0

  /** @param bounds 400 submits and 64 MiB unless given */
  constructor(
    clock: Clock,
    bounds: { readonly maxSubmits?: number; readonly maxBytes?: number } = {},
  ) {
    this.#clock = clock
    this.#bounds = { maxSubmits: MAX_SUBMITS, maxBytes: MAX_BYTES, ...bounds }
  }

  /**
   * Reads a body and does what is to be done with it, within the bounds.
   *
   * @param maxBytes what counts for a body of unknown length
   * @throws ServiceError `too-many-requests`; nothing of the body was kept
   */
  async within<T>(request: Request, maxBytes: number, work: () => Promise<T>): Promise<T> {
    const announced = Number(request.headers.get('content-length') ?? Number.NaN)
    // What is announced above the bound is refused unread; it takes no room.
    const bytes = announced >= 0 ? Math.min(announced, maxBytes) : maxBytes
    const refusal = this.#findRefusal(bytes)
    if (refusal !== undefined) {
      await discardBody(request, this.#clock)
      throw refusal
    }
    this.#submits += 1
    this.#bytes += bytes
    try {
      return await work()
    } finally {
      this.#submits -= 1
      this.#bytes -= bytes
    }
  }

  #findRefusal(bytes: number): ServiceError | undefined {
    const { maxSubmits, maxBytes } = this.#bounds
    if (this.#submits >= maxSubmits) {
      return tooMany(`${this.#submits} submits under way`, `fewer than ${maxSubmits}`)
    }
    // A body that is larger than the room goes in alone.
    if (this.#bytes > 0 && this.#bytes + bytes > maxBytes) {
      const got = `bodies of ${this.#bytes + bytes} bytes under way`
      return tooMany(got, `at most ${maxBytes} bytes`)
    }
    return undefined
  }
}

function tooMany(got: string, allowed: string): ServiceError {
  return new ServiceError('too-many-requests', `${got}; ${allowed} are allowed at once`, {
    retryAfterSeconds: RETRY_AFTER_SECONDS,
    details: [{ path: 'submits under way', problem: 'are too many', got, allowed }],
  })
}
