import { CallError, getJson } from '../session/api.js'
import { makeArtifactsCard } from './artifacts-card.js'
import { makeBadge } from '../elements/badge.js'
import { el, setText } from '../elements/dom.js'
import { makeJobActions } from './job-actions.js'
import { makeJobFacts } from './job-facts.js'
import { makeLogCard } from './log-card.js'
import { describeProblem } from '../elements/notice.js'
import { poll } from '../session/poll.js'

/** @typedef {import('../../../api/contract/job-view-schema.ts').JobView} JobView */

const PERIOD_MS = 2000

/**
 * One job: how it stands, its log as it comes, its files.
 *
 * @param {HTMLElement} main
 * @param {string} jobId
 * @param {import('../main.js').Watch} watch
 * @returns {() => void} ends the view
 */
export function showJob(main, jobId, watch) {
  const log = makeLogCard(jobId, watch.onFailure)
  const view = makeJobPage(jobId, log.node, () => looking.now())
  main.replaceChildren(view.node)
  const looking = poll(
    async (signal) => {
      try {
        const job = await getJson(`/jobs/${jobId}`, { signal })
        await view.update(job, signal)
        watch.onLook()
        // An end is final: nothing is left to look for.
        if (job.endedAt !== undefined) looking.stop()
      } catch (error) {
        if (!signal.aborted) view.showProblem(error)
        if (!(error instanceof CallError && error.status === 404)) throw error
        // Nothing will ever be there: the service answers, so it is not away either.
        watch.onLook()
        looking.stop()
      }
    },
    { periodMs: PERIOD_MS, onFailure: watch.onFailure },
  )
  return () => {
    looking.stop()
    log.stop()
  }
}

/**
 * @param {string} jobId
 * @param {HTMLElement} log
 * @param {() => void} onChange
 */
function makeJobPage(jobId, log, onChange) {
  const badge = makeBadge()
  const problem = el('div')
  const facts = makeJobFacts()
  const artifacts = makeArtifactsCard(jobId)
  const actions = makeJobActions(jobId, onChange)
  const progress = makeProgress()
  const back = el('a', { class: 'button', href: '#/' }, '← Overview')
  const title = el('h1', { class: 'mono' }, jobId)
  const space = el('span', { class: 'grow' })
  const head = el('div', { class: 'row' }, back, title, badge.node, space, actions.node)
  const columns = el('div', { class: 'columns' }, log, facts.node)
  return {
    node: el('div', { class: 'stack' }, head, problem, progress.node, columns, artifacts.node),
    /**
     * @param {JobView} job
     * @param {AbortSignal} signal
     */
    async update(job, signal) {
      problem.replaceChildren()
      badge.update(job.status)
      facts.update(job)
      actions.update(job)
      progress.update(job)
      if (job.endedAt !== undefined) await artifacts.load(signal)
    },
    /** @param {unknown} error */
    showProblem(error) {
      problem.replaceChildren(describeProblem(error))
    },
  }
}

function makeProgress() {
  const bar = /** @type {HTMLProgressElement} */ (
    el('progress', { max: 1, 'aria-label': 'Progress' })
  )
  const note = el('span', { class: 'small muted' })
  const node = el('div', { hidden: true }, bar, note)
  return {
    node,
    /** @param {JobView} job */
    update({ progress, status }) {
      node.hidden = progress === undefined || status !== 'running'
      if (progress === undefined) return
      bar.value = progress.fraction
      setText(note, `${Math.round(bar.value * 100)} % ${progress.note}`)
    },
  }
}
