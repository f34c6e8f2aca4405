import { makeBadge } from '../elements/badge.js'
import { el, setText, syncList } from '../elements/dom.js'
import { formatTime } from '../elements/format.js'
import { formatSpan } from '../elements/format-units.js'

/** @typedef {import('../../../api/contract/job-view-schema.ts').JobView} JobView */

const HEADINGS = [
  ['Job', ''],
  ['Status', ''],
  ['Type', 'wide'],
  ['Accepted', 'wide'],
  ['Waited', 'wide'],
  ['Ran', ''],
  ['What', ''],
]

/** The table of jobs: rows are kept and updated, so that focus and selection stay. */
export function makeJobTable() {
  const body = el('tbody')
  const head = HEADINGS.map(([text, hidden]) => el('th', { class: hidden, scope: 'col' }, text))
  const table = el('table', {}, el('thead', {}, el('tr', {}, ...head)), body)
  const empty = el('p', { class: 'empty' }, 'No jobs here.')
  return {
    node: el('div', { class: 'scroll' }, table, empty),
    /** @param {readonly JobView[]} jobs */
    update(jobs) {
      table.hidden = jobs.length === 0
      empty.hidden = jobs.length > 0
      syncList(body, jobs, { key: (job) => job.id, make: makeRow })
    },
  }
}

/** @param {JobView} first */
function makeRow(first) {
  const badge = makeBadge()
  const cells = {
    type: el('td', { class: 'wide' }),
    accepted: el('td', { class: 'wide nowrap' }),
    waited: el('td', { class: 'wide nowrap' }),
    ran: el('td', { class: 'nowrap' }),
    what: el('td', { class: 'cut' }),
  }
  // On a narrow screen the end alone, which tells jobs apart, is shown.
  const link = el(
    'a',
    { class: 'mono', href: `#/jobs/${first.id}` },
    el('span', { class: 'wide' }, first.id.slice(0, -8)),
    first.id.slice(-8),
  )
  const status = el('td', {}, badge.node)
  const node = el('tr', {}, el('td', {}, link), status, ...Object.values(cells))
  return {
    node,
    /** @param {JobView} job */
    update(job) {
      badge.update(job.status)
      setText(cells.type, job.taskType)
      setText(cells.accepted, formatTime(job.acceptedAt))
      setText(cells.waited, formatSpan(job.waitSeconds))
      setText(cells.ran, job.runSeconds === undefined ? '–' : formatSpan(job.runSeconds))
      const what = summarize(job)
      setText(cells.what, what)
      cells.what.title = what
    },
  }
}

/** @param {JobView} job */
function summarize(job) {
  const tags = Object.entries(job.tags).map(([name, value]) => `${name}=${value}`)
  const attempt = job.attempt > 1 ? [`attempt ${job.attempt}`] : []
  return [...attempt, ...describeState(job), ...tags].join(' · ')
}

/** @param {JobView} job */
function describeState({ status, progress, cancelRequestedAt, reason, message }) {
  if (status === 'running' && cancelRequestedAt !== undefined) return ['being canceled']
  if (status === 'running' && progress !== undefined) {
    return [`${Math.round(progress.fraction * 100)} %`, progress.note].filter((part) => part !== '')
  }
  if (status === 'failed') return [message ?? reason ?? 'failed']
  return []
}
