import { el } from './dom.js'

const SHOWN_MS = 6000

/**
 * A short message in the corner; it goes by itself.
 *
 * @param {string} text
 * @param {'good' | 'bad'} [kind]
 */
export function notify(text, kind = 'good') {
  const notice = el('div', { class: `notice ${kind}` }, text)
  document.getElementById('notices')?.append(notice)
  setTimeout(() => notice.remove(), SHOWN_MS)
}

/**
 * What went wrong and what helps, to be shown where it happened.
 *
 * @param {unknown} error
 * @returns {HTMLElement}
 */
export function describeProblem(error) {
  const { message, fix, details } = /** @type {import('../session/api.js').CallError} */ (error)
  return el(
    'div',
    { class: 'problem', role: 'alert' },
    el('p', {}, message),
    ...(details ?? []).map(({ path, problem, allowed }) =>
      el('p', { class: 'small' }, `${path}: ${problem}${allowed ? `; allowed: ${allowed}` : ''}`),
    ),
    fix && el('p', { class: 'small' }, fix),
  )
}
