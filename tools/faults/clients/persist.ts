import { setTimeout as sleep } from 'node:timers/promises'
import { ApiError } from '../../../lib/client/api-error.ts'

const PAUSE_MS = 300

/**
 * What a client does whose work matters: asks again, with the address of the moment, until there is
 * an answer that another try would not change.
 *
 * @throws ApiError an answer that is final
 */
export async function persist<T>(ask: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await ask()
    } catch (error) {
      if (!isPassing(error)) throw error
      await sleep(PAUSE_MS)
    }
  }
}

function isPassing(error: unknown): boolean {
  // What `fetch` throws where nobody listens.
  return error instanceof ApiError ? error.passing : error instanceof TypeError
}
