import { formatLogCursor } from '../contract/log-query.ts'
import { readJob } from '../../job/store/job-row.ts'
import type { Call } from '../route.ts'
import { type LogRequest, readLog } from './read-log.ts'

const POLL_MS = 500
/** Proxies drop connections that are silent for a minute. */
const KEEP_ALIVE_MS = 15_000

/**
 * The log as server-sent events until it is done or the caller leaves: `line` events whose id is
 * the cursor behind the line (`Last-Event-ID` resumes there), comments while nothing happens, one
 * `done`. A fault ends the stream without `done`, and the caller resumes.
 */
export async function* streamLog(
  { api, c, log }: Call,
  jobId: string,
  request: LogRequest,
): AsyncGenerator<string> {
  const { signal } = c.req.raw
  let { cursor } = request
  let spokenAtMs = api.clock.monotonicMs()
  yield ': log\n\n'
  while (!signal.aborted) {
    const stored = await readJob(api.table, jobId)
    if (stored === undefined) return
    const batch = await readLog(api.files, stored.job, { ...request, cursor })
    cursor = batch.cursor
    for (const line of batch.lines) yield toEvent('line', line.cursor, line)
    if (batch.done) {
      const { status } = stored.job
      yield toEvent('done', formatLogCursor(cursor), { jobId, status })
      log.debug('a log stream is done', { jobId })
      return
    }
    const nowMs = api.clock.monotonicMs()
    if (batch.lines.length > 0) spokenAtMs = nowMs
    else if (nowMs - spokenAtMs >= KEEP_ALIVE_MS) {
      spokenAtMs = nowMs
      yield ': still here\n\n'
    }
    if (batch.lines.length < request.limit) await api.clock.sleep(POLL_MS, signal)
  }
}

function toEvent(event: string, id: string, data: object): string {
  return `event: ${event}\nid: ${id}\ndata: ${JSON.stringify(data)}\n\n`
}

/** Texts as a body: the next one is made when the caller has taken the last. */
export function toByteStream(
  texts: AsyncGenerator<string>,
  onError: (error: unknown) => void,
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder()
  return new ReadableStream<Uint8Array>({
    pull: async (controller) => {
      try {
        const { done, value } = await texts.next()
        if (done === true) controller.close()
        else controller.enqueue(encoder.encode(value))
      } catch (error) {
        onError(error)
        controller.error(error)
      }
    },
    cancel: async () => {
      await texts.return(undefined)
    },
  })
}
