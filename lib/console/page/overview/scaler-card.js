import { countWaiting } from './decisions.js'
import { el, setText, syncList } from '../elements/dom.js'
import { formatTime } from '../elements/format.js'
import { makeScalerChart } from './scaler-chart.js'

/** @typedef {import('./decisions.js').Decision} Decision */

/** How many workers are wanted over time, and why. */
export function makeScalerCard() {
  const chart = makeScalerChart()
  const list = el('ol', { class: 'decisions small', tabindex: 0, 'aria-label': 'Decisions' })
  const empty = el('p', { class: 'empty' }, 'The scaler has not decided anything yet.')
  return {
    node: el(
      'section',
      { class: 'card', 'aria-labelledby': 'scaler-title' },
      el('header', {}, el('h2', { id: 'scaler-title' }, 'Scaler')),
      chart.node,
      empty,
      list,
    ),
    /**
     * @param {{ decisions?: readonly Decision[] }} service
     * @param {Record<string, string>} reasons
     */
    update(service, reasons) {
      const { decisions = [] } = service
      empty.hidden = decisions.length > 0
      chart.node.hidden = decisions.length === 0
      chart.update(toStretches(decisions))
      const rows = decisions.toReversed().map((decision) => ({ decision, reasons }))
      syncList(list, rows, { key: ({ decision }) => String(decision.atMs), make: makeRow })
    },
  }
}

/** @param {readonly Decision[]} decisions */
function toStretches(decisions) {
  return decisions.map((decision, index) => ({
    fromMs: decision.atMs,
    toMs: decisions[index + 1]?.atMs ?? decision.lastSeenAtMs,
    waiting: countWaiting(decision),
    wanted: decision.wanted,
    reason: decision.reason,
  }))
}

function makeRow() {
  const at = el('time', { class: 'muted' })
  const wanted = el('b')
  const why = el('span')
  return {
    node: el('li', {}, at, wanted, why),
    /** @param {{ decision: Decision, reasons: Record<string, string> }} row */
    update({ decision, reasons }) {
      const { atMs, reason } = decision
      const waiting = countWaiting(decision)
      setText(at, formatTime(new Date(atMs).toISOString()))
      setText(wanted, `${decision.wanted} ${decision.wanted === 1 ? 'worker' : 'workers'}`)
      setText(why, `${waiting ?? '?'} waiting. ${reasons[reason] ?? reason}`)
      why.title = reason
    },
  }
}
