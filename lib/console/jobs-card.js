import { getJson } from './api.js'
import { el, setText } from './dom.js'
import { makeJobTable } from './job-table.js'

const FILTERS = ['all', 'queued', 'running', 'succeeded', 'failed', 'canceled']
const PAGE_SIZE = 25

/**
 * Jobs, newest first, by status and page.
 *
 * @param {() => void} onChoice called when another filter or page is chosen, to look at once
 */
export function makeJobsCard(onChoice) {
  let filter = 'all'
  /** Cursors of the pages up to the one that is shown; the first page has none. @type {string[]} */
  let pages = []
  /** @type {string | undefined} */
  let next
  const table = makeJobTable()
  const newer = el('button', { type: 'button' }, '← Newer')
  const older = el('button', { type: 'button' }, 'Older →')
  const where = el('span', { class: 'muted small' })

  /** @param {() => void} change */
  const choose = (change) => {
    change()
    showFilter()
    onChoice()
  }
  const buttons = FILTERS.map((name) => {
    const onclick = () => choose(() => ([filter, pages] = [name, []]))
    return el('button', { type: 'button', 'data-filter': name, onclick }, name)
  })
  const showFilter = () => {
    for (const button of buttons) {
      button.setAttribute('aria-pressed', String(button.dataset['filter'] === filter))
    }
  }
  newer.addEventListener('click', () => choose(() => (pages = pages.slice(0, -1))))
  older.addEventListener('click', () => {
    if (next !== undefined) choose(() => (pages = [...pages, String(next)]))
  })
  showFilter()

  const filters = el('div', { class: 'row filters', role: 'group', 'aria-label': 'Status' })
  filters.append(...buttons)
  return {
    node: el(
      'section',
      { class: 'card', 'aria-labelledby': 'jobs-title' },
      el(
        'header',
        {},
        el('h2', { id: 'jobs-title' }, 'Jobs'),
        el('span', { class: 'grow' }),
        filters,
      ),
      table.node,
      el('div', { class: 'actions' }, where, newer, older),
    ),
    /** @param {AbortSignal} signal */
    async look(signal) {
      const asked = { filter, page: pages.length }
      const page = await getJson(`/jobs?${toQuery(filter, pages.at(-1))}`, { signal })
      // Another filter was chosen meanwhile: this answer is not what is shown.
      if (asked.filter !== filter || asked.page !== pages.length) return
      next = page.next
      table.update(page.jobs)
      newer.toggleAttribute('disabled', pages.length === 0)
      older.toggleAttribute('disabled', next === undefined)
      setText(where, pages.length === 0 ? '' : `page ${pages.length + 1}`)
    },
  }
}

/**
 * @param {string} filter
 * @param {string | undefined} cursor
 */
function toQuery(filter, cursor) {
  const query = new URLSearchParams({ limit: String(PAGE_SIZE) })
  if (filter !== 'all') query.set('status', filter)
  if (cursor !== undefined) query.set('cursor', cursor)
  return query
}
