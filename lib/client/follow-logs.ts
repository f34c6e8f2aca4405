import { setTimeout as sleep } from 'node:timers/promises'
import type { LogLine, LogPage } from './answers.ts'
import type { ApiError } from './api-error.ts'
import type { CallOptions, WaitOptions } from './call-api.ts'
import { Patience } from './patience.ts'

const WAIT_SECONDS = 15

export interface LogOptions extends CallOptions {
  /** Where to begin: `cursor` of a line or a page. Default: at the first line. */
  readonly cursor?: string | undefined
}

interface LogReader {
  readLogs(jobId: string, options: LogOptions & WaitOptions): Promise<LogPage>
}

export type LogEvent =
  | { readonly kind: 'page'; readonly page: LogPage }
  /** The service cannot be reached; reading goes on by itself where it stopped. */
  | { readonly kind: 'interrupted'; readonly error: ApiError; readonly retryMs: number }

/**
 * Log pages by long polling, from a cursor until the job has ended and everything is read. Nothing
 * is read twice or skipped: each page names the place where the next begins.
 *
 * @throws ApiError at once for answers that waiting does not change (401, 404), or when the
 * service has been away for about ten minutes
 */
export async function* followLogs(
  client: LogReader,
  jobId: string,
  { cursor: start, signal }: LogOptions = {},
): AsyncGenerator<LogEvent> {
  let cursor = start
  const patience = new Patience()
  for (;;) {
    try {
      const page = await client.readLogs(jobId, { cursor, waitSeconds: WAIT_SECONDS, signal })
      cursor = page.cursor
      patience.reset()
      yield { kind: 'page', page }
      if (page.done) return
    } catch (error) {
      const failure = patience.afterFailure(error)
      yield { kind: 'interrupted', ...failure }
      await sleep(failure.retryMs, undefined, signal && { signal })
    }
  }
}

/** Line by line; a service that is briefly away is waited for without a word. */
export async function* readLines(
  client: LogReader,
  jobId: string,
  options?: LogOptions,
): AsyncGenerator<LogLine> {
  for await (const event of followLogs(client, jobId, options)) {
    if (event.kind === 'page') yield* event.page.lines
  }
}
