import { el, setText, syncList } from '../elements/dom.js'
import { formatTime } from '../elements/format.js'
import { formatBytes, formatSpan } from '../elements/format-units.js'

/** @typedef {import('../../../api/contract/job-view-schema.ts').JobView} JobView */
/** @typedef {{ name: string, text: string }} Fact */

/** What is known of a job, a fact a line, and its attempts. */
export function makeJobFacts() {
  const list = el('dl', { class: 'facts' })
  return {
    node: el(
      'section',
      { class: 'card', 'aria-labelledby': 'facts-title' },
      el('header', {}, el('h2', { id: 'facts-title' }, 'Job')),
      list,
    ),
    /** @param {JobView} job */
    update(job) {
      const lines = listFacts(job).flatMap(({ name, text }) => [
        { key: `${name}?`, tag: 'dt', text: name },
        { key: name, tag: 'dd', text },
      ])
      syncList(list, lines, {
        key: ({ key }) => key,
        make: ({ tag }) => {
          const node = el(tag)
          return { node, update: (line) => setText(node, line.text) }
        },
      })
    },
  }
}

/**
 * @param {JobView} job
 * @returns {Fact[]}
 */
function listFacts(job) {
  /** @type {[string, string | undefined][]} */
  const facts = [
    ['Ended', describeEnd(job)],
    ['Type', job.taskType],
    ['Accepted', formatTime(job.acceptedAt)],
    ['Waited', formatSpan(job.waitSeconds)],
    ['Ran', job.runSeconds === undefined ? undefined : formatSpan(job.runSeconds)],
    ['Worker', job.workerId],
    ['Model path', job.request && `${job.request.method} ${job.request.path}`],
    ...job.attempts.map((each) => describeAttempt(each)),
    ['Checkpoint', describeCheckpoint(job)],
    ['Log', describeLog(job)],
    ['Limits', describeLimits(job)],
    ['Retries', `${job.retriesUsed} of ${job.retry.maxRetries} used`],
    ['Losses', job.lossesUsed === 0 ? undefined : `${job.lossesUsed} of ${job.retry.maxLosses}`],
    ['Tags', describePairs(job.tags)],
    ['Environment', describePairs(job.env)],
    ['Retry of', job.retryOf],
    ['Tenant', job.tenant],
  ]
  return facts.flatMap(([name, text]) => (text === undefined ? [] : [{ name, text }]))
}

/** @param {JobView} job */
function describeEnd({ endedAt, message, reason, exitCode, signal, statusCode }) {
  if (endedAt === undefined) return undefined
  const how = [
    exitCode !== undefined && `exit code ${exitCode}`,
    signal,
    statusCode !== undefined && `HTTP ${statusCode}`,
  ].filter(Boolean)
  const detail = how.length === 0 ? '' : ` (${how.join(', ')})`
  return `${formatTime(endedAt)}: ${message ?? reason ?? ''}${detail}`
}

/**
 * @param {JobView['attempts'][number]} attempt
 * @returns {[string, string]}
 */
function describeAttempt({ attempt, reason, message, startedAt, endedAt, resumedFrom }) {
  const span = formatSpan((Date.parse(endedAt) - Date.parse(startedAt)) / 1000)
  const resumed = resumedFrom === undefined ? '' : `, resumed from checkpoint ${resumedFrom.number}`
  return [`Attempt ${attempt}`, `${span}${resumed}: ${message ?? reason ?? 'ended'}`]
}

/** @param {JobView} job */
function describeCheckpoint({ checkpoint }) {
  if (checkpoint === undefined) return undefined
  const { number, attempt, bytes, at } = checkpoint
  return `number ${number} of attempt ${attempt}, ${formatBytes(bytes)}, ${formatTime(at)}`
}

/** @param {JobView} job */
function describeLog({ logs }) {
  if (logs === undefined) return undefined
  const cut = logs.cutBytes === 0 ? '' : `, ${formatBytes(logs.cutBytes)} cut`
  return `${formatBytes(logs.stdoutBytes + logs.stderrBytes)}${cut}`
}

/** @param {JobView} job */
function describeLimits({ limits: { runSeconds, queueSeconds, graceSeconds } }) {
  const run = runSeconds === 0 ? 'no limit' : formatSpan(runSeconds)
  const wait = queueSeconds === 0 ? '' : `, ${formatSpan(queueSeconds)} in the queue`
  return `run ${run}${wait}, grace ${formatSpan(graceSeconds)}`
}

/** @param {Readonly<Record<string, string>>} pairs */
function describePairs(pairs) {
  const texts = Object.entries(pairs).map(([name, value]) => `${name}=${value}`)
  return texts.length === 0 ? undefined : texts.join('  ')
}
