import { makeBadge } from '../elements/badge.js'
import { el, setText, syncList } from '../elements/dom.js'
import { formatBetween } from '../elements/format.js'

/** @typedef {NonNullable<import('../../../api/contract/service-view.ts').ServiceView['workers']>[number]} Worker */

/** Each worker: state, slots, what it runs, and why it is not ready. */
export function makeWorkersCard() {
  const body = el('tbody')
  const head = ['Worker', 'State', 'Slots', 'Jobs'].map((text) => el('th', { scope: 'col' }, text))
  const table = el('table', {}, el('thead', {}, el('tr', {}, ...head)), body)
  const empty = el('p', { class: 'empty' }, 'No workers: an idle service keeps only its minimum.')
  return {
    node: el(
      'section',
      { class: 'card', 'aria-labelledby': 'workers-title' },
      el('header', {}, el('h2', { id: 'workers-title' }, 'Workers')),
      el('div', { class: 'scroll' }, table),
      empty,
    ),
    /** @param {{ workers?: readonly Worker[] }} service */
    update({ workers = [] }) {
      table.hidden = workers.length === 0
      empty.hidden = workers.length > 0
      syncList(body, workers, { key: ({ workerId }) => workerId, make: makeRow })
    },
  }
}

/** @param {Worker} worker */
function makeRow({ workerId }) {
  const badge = makeBadge()
  const slots = el('td')
  const jobs = el('td')
  const note = el('div', { class: 'muted small' })
  const age = el('div', { class: 'muted small nowrap' })
  const name = el('td', { class: 'mono nowrap', title: workerId }, shorten(workerId))
  return {
    node: el('tr', {}, name, el('td', {}, badge.node, age), slots, jobs),
    /** @param {Worker} worker */
    update(worker) {
      badge.update(worker.state)
      setText(age, `up ${formatBetween(worker.startedAt)}`)
      syncList(slots, listSlots(worker), { key: ({ type }) => type, make: makeSlotLine })
      setText(
        note,
        worker.drain === undefined ? (worker.note ?? '') : `drain: ${worker.drain.reason}`,
      )
      const running = worker.jobs ?? []
      const shown = running.map(({ jobId }) => jobId).join()
      if (jobs.dataset['shown'] === shown && shown !== '') return
      jobs.dataset['shown'] = shown
      jobs.replaceChildren(...running.map(makeLink), note)
    },
  }
}

/** @param {{ jobId: string }} job */
function makeLink({ jobId }) {
  const link = el(
    'a',
    { class: 'mono', href: `#/jobs/${jobId}`, title: jobId },
    `…${jobId.slice(-6)}`,
  )
  return el('div', { class: 'nowrap' }, link)
}

/** Task ids are long; their end tells them apart. @param {string} id */
function shorten(id) {
  return id.length <= 14 ? id : `…${id.slice(-12)}`
}

/** @param {Worker} worker */
function listSlots({ slots }) {
  return Object.entries(slots)
    .map(([type, { taken, total }]) => ({ type, taken, total }))
    .filter(({ total }) => total > 0)
}

function makeSlotLine() {
  const node = el('div', { class: 'nowrap' })
  return {
    node,
    /** @param {{ type: string, taken: number, total: number }} slot */
    update: ({ type, taken, total }) => setText(node, `${type} ${taken}/${total}`),
  }
}
