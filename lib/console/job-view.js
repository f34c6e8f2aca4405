import { getJson } from './api.js'
import { makeArtifactsCard } from './artifacts-card.js'
import { makeBadge } from './badge.js'
import { el, setText } from './dom.js'
import { makeJobActions } from './job-actions.js'
import { makeJobFacts } from './job-facts.js'
import { makeLogCard } from './log-card.js'
import { describeProblem } from './notice.js'
import { poll } from './poll.js'

const PERIOD_MS = 2000
const ENDED_PERIOD_MS = 30_000

/**
 * One job: how it stands, its log as it comes, its files.
 *
 * @param {HTMLElement} main
 * @param {string} jobId
 * @param {import('./main.js').Watch} watch
 * @returns {() => void} ends the view
 */
export function showJob(main, jobId, watch) {
  const badge = makeBadge()
  const problem = el('div')
  const facts = makeJobFacts()
  const artifacts = makeArtifactsCard(jobId)
  const log = makeLogCard(jobId, watch.onFailure)
  const actions = makeJobActions(jobId, () => looking.now())
  const progress = makeProgress()
  main.replaceChildren(
    el(
      'div',
      { class: 'stack' },
      el(
        'div',
        { class: 'row' },
        el('a', { class: 'button', href: '#/' }, '← Overview'),
        el('h1', { class: 'mono' }, jobId),
        badge.node,
        el('span', { class: 'grow' }),
        actions.node,
      ),
      problem,
      progress.node,
      el('div', { class: 'columns' }, log.node, facts.node),
      artifacts.node,
    ),
  )
  let ended = false
  let nextLookAtMs = 0
  const looking = poll(
    async (signal) => {
      // An ended job changes no more; what is left is to notice that it has been deleted.
      if (ended && performance.now() < nextLookAtMs) return
      nextLookAtMs = performance.now() + ENDED_PERIOD_MS
      try {
        const job = await getJson(`/jobs/${jobId}`, { signal })
        problem.replaceChildren()
        badge.update(job.status)
        facts.update(job)
        actions.update(job)
        progress.update(job)
        if (job.status !== 'queued' && job.status !== 'running' && !ended) {
          ended = true
          await artifacts.load(signal)
        }
        watch.onLook()
      } catch (error) {
        if (!signal.aborted) problem.replaceChildren(describeProblem(error))
        throw error
      }
    },
    { periodMs: PERIOD_MS, onFailure: watch.onFailure },
  )
  return () => {
    looking.stop()
    log.stop()
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
    /** @param {import('../core/api/job-view-schema.ts').JobView} job */
    update({ progress, status }) {
      node.hidden = progress === undefined
      if (progress === undefined) return
      bar.value = status === 'succeeded' ? 1 : progress.fraction
      setText(note, `${Math.round(bar.value * 100)} % ${progress.note}`)
    },
  }
}
