import { getJson } from '../session/api.js'
import { el, setText } from '../elements/dom.js'
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
  const table = makeJobTable()
  const pager = makePager(onChoice)
  const filters = makeFilters((name) => {
    filter = name
    pager.reset()
    onChoice()
  })
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
      pager.node,
    ),
    /** @param {AbortSignal} signal */
    async look(signal) {
      const asked = toQuery(filter, pager.cursor())
      const page = await getJson(`/jobs?${asked}`, { signal })
      // Something else was chosen meanwhile: this answer is not what is shown.
      if (asked !== toQuery(filter, pager.cursor())) return
      table.update(page.jobs)
      pager.update(page.next)
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
  return query.toString()
}

/** @param {(name: string) => void} onChoose */
function makeFilters(onChoose) {
  /** @param {string} chosen */
  const show = (chosen) => {
    for (const [name, button] of buttons)
      button.setAttribute('aria-pressed', String(name === chosen))
  }
  const buttons = new Map(
    FILTERS.map((name) => {
      const onclick = () => {
        show(name)
        onChoose(name)
      }
      return [name, el('button', { type: 'button', onclick }, name)]
    }),
  )
  show('all')
  const group = { class: 'row filters', role: 'group', 'aria-label': 'Status' }
  return el('div', group, ...buttons.values())
}

/** @param {() => void} onTurn */
function makePager(onTurn) {
  /** Cursors of the pages up to the one that is shown; the first page has none. @type {string[]} */
  let cursors = []
  /** @type {string | undefined} */
  let next
  const newer = el('button', { type: 'button' }, '← Newer')
  const older = el('button', { type: 'button' }, 'Older →')
  const where = el('span', { class: 'muted small' })
  const node = el('div', { class: 'row pager' }, where, el('span', { class: 'grow' }), newer, older)
  newer.addEventListener('click', () => {
    cursors = cursors.slice(0, -1)
    onTurn()
  })
  older.addEventListener('click', () => {
    if (next === undefined) return
    cursors = [...cursors, next]
    next = undefined
    onTurn()
  })
  return {
    node,
    cursor: () => cursors.at(-1),
    reset() {
      cursors = []
      next = undefined
    },
    /** @param {string | undefined} following */
    update(following) {
      next = following
      node.hidden = cursors.length === 0 && next === undefined
      newer.toggleAttribute('disabled', cursors.length === 0)
      older.toggleAttribute('disabled', next === undefined)
      setText(where, `page ${cursors.length + 1}`)
    },
  }
}
