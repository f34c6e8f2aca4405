import { CallError, getJson } from '../session/api.js'

const WAIT_SECONDS = 15
const RETRY_MS = 2000

/** @typedef {{ stream: string, text: string }} LogLine */

/**
 * Reads a job's log by its cursor until the job has ended; goes on where it stopped after a broken
 * connection, and ends where there is no such job.
 *
 * @param {string} jobId
 * @param {object} on
 * @param {AbortSignal} on.signal
 * @param {(lines: readonly LogLine[]) => void} on.lines
 * @param {(state: 'live' | 'complete' | 'interrupted' | 'absent') => void} on.state
 * @param {(error: unknown) => void} on.failure
 */
export async function followLog(jobId, on) {
  /** @type {string | undefined} */
  let cursor
  while (!on.signal.aborted) {
    try {
      const page = await readPage(jobId, cursor, on.signal)
      cursor = page.cursor
      on.lines(page.lines)
      on.state(page.done ? 'complete' : 'live')
      if (page.done) return
    } catch (error) {
      if (on.signal.aborted) return
      if (error instanceof CallError && error.status === 404) {
        on.state('absent')
        return
      }
      on.state('interrupted')
      on.failure(error)
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS))
    }
  }
}

/**
 * @param {string} jobId
 * @param {string | undefined} cursor
 * @param {AbortSignal} signal
 */
function readPage(jobId, cursor, signal) {
  const query = new URLSearchParams({ waitSeconds: String(WAIT_SECONDS) })
  if (cursor !== undefined) query.set('cursor', cursor)
  return getJson(`/jobs/${jobId}/logs?${query}`, { signal, holdSeconds: WAIT_SECONDS })
}
