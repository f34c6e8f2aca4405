import { el, setText } from '../elements/dom.js'
import { followLog } from './follow-log.js'

/** Lines kept on the page; the oldest go first. */
const MAX_LINES = 5000

const STATES = {
  live: 'live',
  complete: 'complete',
  interrupted: 'interrupted, trying again …',
  absent: 'there is no log',
}

/**
 * The log of a job as it comes.
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
  void followLog(jobId, {
    signal: stopped.signal,
    lines: (lines) => {
      log.append(...lines.map(({ stream, text }) => el('span', { class: stream }, `${text}\n`)))
      while (log.childElementCount > MAX_LINES) log.firstElementChild?.remove()
      if (follow.checked) log.scrollTop = log.scrollHeight
    },
    state: (name) => setText(state, STATES[name]),
    failure: onFailure,
  })
  const title = el('h2', { id: 'log-title' }, 'Log')
  const followLabel = el('label', { class: 'row small', for: 'follow-log' }, follow, 'follow')
  return {
    node: el(
      'section',
      { class: 'card', 'aria-labelledby': 'log-title' },
      el('header', {}, title, state, el('span', { class: 'grow' }), followLabel),
      log,
    ),
    stop: () => stopped.abort(),
  }
}
