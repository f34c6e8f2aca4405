import { getJson } from './api.js'
import { el } from './dom.js'

/** Lines kept on the page; the download has all. */
const MAX_LINES = 5000
const WAIT_SECONDS = 15
const RETRY_MS = 2000

/**
 * The log of a job, followed by its cursor until the job has ended.
 *
 * @param {string} jobId
 * @param {(error: unknown) => void} onFailure
 */
export function makeLogCard(jobId, onFailure) {
  const stopped = new AbortController()
  const state = el('span', { class: 'muted small' }, 'waiting for lines …')
  const follow = /** @type {HTMLInputElement} */ (
    el('input', { type: 'checkbox', id: 'follow-log', checked: true })
  )
  const log = el('pre', { class: 'log', tabindex: 0, role: 'log', 'aria-label': 'Log lines' })
  // Scrolling up holds the view still; back at the end it follows again.
  log.addEventListener('scroll', () => {
    follow.checked = log.scrollHeight - log.scrollTop - log.clientHeight < 30
  })

  /** @param {readonly { stream: string, text: string, attempt?: number }[]} lines */
  const append = (lines) => {
    log.append(...lines.map((line) => el('span', { class: line.stream }, `${line.text}\n`)))
    while (log.childElementCount > MAX_LINES) log.firstElementChild?.remove()
    if (follow.checked) log.scrollTop = log.scrollHeight
  }

  const run = async () => {
    /** @type {string | undefined} */
    let cursor
    while (!stopped.signal.aborted) {
      try {
        const page = await readPage(jobId, cursor, stopped.signal)
        cursor = page.cursor
        append(page.lines)
        if (page.done) {
          state.textContent = log.childElementCount === 0 ? 'no lines' : 'complete'
          return
        }
        state.textContent = 'live'
      } catch (error) {
        if (stopped.signal.aborted) return
        state.textContent = 'interrupted, trying again …'
        onFailure(error)
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS))
      }
    }
  }
  void run()

  return {
    node: el(
      'section',
      { class: 'card', 'aria-labelledby': 'log-title' },
      el(
        'header',
        {},
        el('h2', { id: 'log-title' }, 'Log'),
        state,
        el('span', { class: 'grow' }),
        el('span', { class: 'row small' }, follow, el('label', { for: 'follow-log' }, 'follow')),
      ),
      log,
    ),
    stop: () => stopped.abort(),
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
