import { setTimeout as sleep } from 'node:timers/promises'
import type { LogPage } from './api-answers.ts'
import type { ApiClient } from './api-client.ts'
import { ApiError } from './api-error.ts'

export type LogEvent =
  | { readonly kind: 'page'; readonly page: LogPage }
  /** The service cannot be reached; reading goes on by itself where it stopped. */
  | { readonly kind: 'interrupted'; readonly error: ApiError; readonly retryMs: number }

const WAIT_SECONDS = 15
const FIRST_RETRY_MS = 500
const MAX_RETRY_MS = 15_000
/** Failures in a row after which it gives up: about ten minutes. */
const MAX_FAILURES = 40

/**
 * Log pages by long polling, from a cursor until the job has ended and everything is read. Nothing
 * is read twice or skipped: each page names the place where the next begins.
 *
 * @throws ApiError at once for answers that waiting does not change (401, 404), or when the
 * service has been away for about ten minutes
 */
export async function* followLogs(
  client: Pick<ApiClient, 'readLogs'>,
  jobId: string,
  { cursor: start, signal }: { cursor?: string | undefined; signal?: AbortSignal | undefined } = {},
): AsyncGenerator<LogEvent> {
  let cursor = start
  let failures = 0
  for (;;) {
    try {
      const page = await client.readLogs(jobId, { cursor, waitSeconds: WAIT_SECONDS, signal })
      cursor = page.cursor
      failures = 0
      yield { kind: 'page', page }
      if (page.done) return
    } catch (error) {
      if (!(error instanceof ApiError) || !error.passing || failures >= MAX_FAILURES) throw error
      const retryMs = Math.min(FIRST_RETRY_MS * 2 ** failures, MAX_RETRY_MS)
      failures += 1
      yield { kind: 'interrupted', error, retryMs }
      await sleep(retryMs, undefined, signal && { signal })
    }
  }
}
