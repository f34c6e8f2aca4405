import { postJson } from '../session/api.js'
import { ask } from '../elements/ask.js'
import { el } from '../elements/dom.js'
import { newKey } from '../elements/new-key.js'
import { notify } from '../elements/notice.js'

/** @typedef {import('../../../api/contract/job-view-schema.ts').JobView} JobView */

/**
 * Cancel while it lasts, retry once it has ended; both ask first.
 *
 * @param {string} jobId
 * @param {() => void} onChange
 */
export function makeJobActions(jobId, onChange) {
  const cancel = el('button', { type: 'button', class: 'danger', hidden: true }, 'Cancel job')
  const retry = el('button', { type: 'button', hidden: true }, 'Run again')
  cancel.addEventListener('click', () => void attempt(() => cancelJob(jobId).then(onChange)))
  retry.addEventListener('click', () => void attempt(() => retryJob(jobId)))
  return {
    node: el('div', { class: 'row' }, cancel, retry),
    /** @param {JobView} job */
    update({ status, cancelRequestedAt }) {
      const isOpen = status === 'queued' || status === 'running'
      cancel.hidden = !isOpen
      cancel.toggleAttribute('disabled', cancelRequestedAt !== undefined)
      cancel.textContent = cancelRequestedAt === undefined ? 'Cancel job' : 'Being canceled …'
      retry.hidden = isOpen
    },
  }
}

/** @param {() => Promise<void>} action */
async function attempt(action) {
  try {
    await action()
  } catch (error) {
    notify(error instanceof Error ? error.message : String(error), 'bad')
  }
}

/** @param {string} jobId */
async function cancelJob(jobId) {
  const isSure = await ask({
    title: 'Cancel this job?',
    text: 'Its processes are asked to stop, and killed if they still run after the grace time. This cannot be undone.',
    yes: 'Yes, cancel it',
  })
  if (!isSure) return
  const { outcome, job } = await postJson(`/jobs/${jobId}/cancel`)
  if (outcome === 'already-ended') notify(`the job had already ended: ${job.status}`)
  else notify(outcome === 'canceled' ? 'the job is canceled' : 'the job was asked to stop')
}

/** @param {string} jobId */
async function retryJob(jobId) {
  const isSure = await ask({
    title: 'Run this job again?',
    text: 'A new job with the same input, environment and limits.',
    yes: 'Yes, run it again',
  })
  if (!isSure) return
  const job = await postJson(`/jobs/${jobId}/retry`, { idempotencyKey: newKey() })
  notify(`job ${job.id} accepted`)
  location.hash = `#/jobs/${job.id}`
}
