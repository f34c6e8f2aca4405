import { countWaiting } from './decisions.js'
import { el, setText } from '../elements/dom.js'
import { formatSpan } from '../elements/format-units.js'

/** @typedef {import('../../../api/contract/service-view.ts').ServiceView} ServiceView */

/** The numbers at the top. */
export function makeTiles() {
  const tiles = {
    waiting: makeTile('Waiting'),
    running: makeTile('Running'),
    workers: makeTile('Workers'),
    output: makeTile('Output queue'),
  }
  return {
    node: el('div', { class: 'tiles' }, ...Object.values(tiles).map(({ node }) => node)),
    /** @param {ServiceView} service */
    update(service) {
      tiles.waiting.update(...describeWaiting(service))
      tiles.running.update(...describeRunning(service))
      tiles.workers.update(...describeWorkers(service))
      tiles.output.update(...describeOutput(service))
    },
  }
}

/** @param {string} title */
function makeTile(title) {
  const number = el('b', {}, '–')
  const note = el('span', { class: 'muted small' })
  return {
    node: el('div', { class: 'tile' }, el('span', { class: 'muted small' }, title), number, note),
    /**
     * @param {number | undefined} value
     * @param {string} text
     */
    update(value, text) {
      setText(number, value === undefined ? '–' : String(value))
      setText(note, text)
    },
  }
}

/**
 * The scaler counts rows, which is exact; the queue's depth is an estimate.
 *
 * @param {ServiceView} service
 * @returns {[number | undefined, string]}
 */
function describeWaiting(service) {
  const last = service.decisions?.at(-1)
  const waiting = service.waiting ?? (last && countWaiting(last))
  const oldest = last?.inputs.oldestWaitingSeconds
  const isOld = waiting !== 0 && oldest !== undefined
  return [waiting, isOld ? `oldest for ${formatSpan(oldest)}` : 'jobs in the queue']
}

/**
 * @param {ServiceView} service
 * @returns {[number | undefined, string]}
 */
function describeRunning({ workers }) {
  if (workers === undefined) return [undefined, '']
  const slots = workers.flatMap((worker) => Object.values(worker.slots))
  const total = slots.reduce((sum, slot) => sum + slot.total, 0)
  const taken = slots.reduce((sum, slot) => sum + slot.taken, 0)
  return [taken, `of ${total} ${total === 1 ? 'slot' : 'slots'}`]
}

/**
 * @param {ServiceView} service
 * @returns {[number | undefined, string]}
 */
function describeWorkers(service) {
  const alive = service.workers?.length
  const wanted = service.decisions?.at(-1)?.wanted
  const { min, max } = /** @type {{ min: number, max: number }} */ (service.scaling)
  return [alive, `${wanted === undefined ? '' : `wanted ${wanted} · `}${min} to ${max}`]
}

/**
 * @param {ServiceView} service
 * @returns {[number | undefined, string]}
 */
function describeOutput({ queues }) {
  const dead = queues?.['dead']?.visible ?? 0
  return [queues?.['output']?.visible, dead === 0 ? 'messages to read' : `${dead} dead letters`]
}
