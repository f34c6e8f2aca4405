import { getJson } from '../session/api.js'
import { el } from '../elements/dom.js'
import { makeJobsCard } from './jobs-card.js'
import { poll } from '../session/poll.js'
import { loadReasons } from '../elements/reasons.js'
import { makeScalerCard } from './scaler-card.js'
import { makeTiles } from './tiles.js'
import { makeWorkersCard } from './workers-card.js'

const PERIOD_MS = 2500

/**
 * The first view: how the service stands, why, and its jobs.
 *
 * @param {HTMLElement} main
 * @param {import('../main.js').Watch} watch
 * @returns {() => void} ends the view
 */
export function showOverview(main, watch) {
  const tiles = makeTiles()
  const scaler = makeScalerCard()
  const workers = makeWorkersCard()
  const jobs = makeJobsCard(() => looking.now())
  const unseen = el('p', { class: 'problem', hidden: true, role: 'status' })
  main.replaceChildren(
    el(
      'div',
      { class: 'stack' },
      el('h1', { class: 'sr-only' }, 'Overview'),
      unseen,
      tiles.node,
      el('div', { class: 'columns' }, scaler.node, workers.node),
      jobs.node,
    ),
  )
  const name = document.getElementById('service-name')
  const looking = poll(
    async (signal) => {
      const [service, reasons] = await Promise.all([
        getJson('/service', { signal }),
        loadReasons(),
        jobs.look(signal),
      ])
      if (name !== null) name.textContent = `${service.name} · version ${service.version}`
      unseen.hidden = service.notObserved.length === 0
      unseen.textContent = `could not be observed just now: ${service.notObserved.join(', ')}`
      tiles.update(service)
      scaler.update(service, reasons)
      workers.update(service)
      watch.onLook()
    },
    { periodMs: PERIOD_MS, onFailure: watch.onFailure },
  )
  return looking.stop
}
