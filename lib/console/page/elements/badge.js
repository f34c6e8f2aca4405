import { el, setText } from './dom.js'

/** @type {Readonly<Record<string, string>>} */
const KINDS = {
  queued: 'warn',
  running: 'live',
  succeeded: 'good',
  failed: 'bad',
  canceled: '',
  idle: 'good',
  busy: 'live',
  starting: 'warn',
  draining: '',
}

/** A job's status or a worker's state. */
export function makeBadge() {
  const node = el('span', { class: 'badge' })
  return {
    node,
    /** @param {string} status */
    update(status) {
      node.className = `badge ${KINDS[status] ?? ''}`
      setText(node, status)
    },
  }
}
