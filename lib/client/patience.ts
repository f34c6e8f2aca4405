import { ApiError } from './api-error.ts'

const FIRST_RETRY_MS = 500
const MAX_RETRY_MS = 15_000
/** Failures in a row after which it gives up: about ten minutes. */
const MAX_FAILURES = 40

/** Rides out a service that is away for a while, for calls that wait for a job anyway. */
export class Patience {
  #failures = 0

  /** An answer came. */
  reset(): void {
    this.#failures = 0
  }

  /**
   * @returns how long to wait before the next try
   * @throws the error itself, when waiting does not change it or the service has been away too long
   */
  afterFailure(error: unknown): { readonly error: ApiError; readonly retryMs: number } {
    const mayPass = error instanceof ApiError && error.passing
    if (!mayPass || this.#failures >= MAX_FAILURES) throw error
    const retryMs = Math.min(FIRST_RETRY_MS * 2 ** this.#failures, MAX_RETRY_MS)
    this.#failures += 1
    return { error, retryMs }
  }
}
