import type { EndDetail, Job, ResultRef } from '../../lib/job/job.ts'
import { resultKey } from '../../lib/job/keys.ts'
import { callModel, type ModelAnswer } from './call-model.ts'
import { toForwardedHeaders } from './proxy-headers.ts'
import { retryWhileHeld } from '../run/retry-while-held.ts'
import { type Attempt, describeOrder, failed, type RunResult } from '../run/attempt.ts'
import { limitRunTime } from '../run/run-control.ts'
import { fetchInput } from '../run/fetch-input.ts'

/** A larger answer belongs into a command job's artifacts. */
const MAX_ANSWER_BYTES = 1_073_741_824
/** How often the lease of a waiting query is looked at. */
const LEASE_LOOK_MS = 500

/** How often in a row a job is given back at no cost. */
const MAX_FREE_RELEASES = 5

/** Runs a query job: its input goes to the model server as it stands, the answer is its result. */
export async function runQuery(attempt: Attempt): Promise<RunResult> {
  const { worker, job, control, lease } = attempt
  if (!(await fetchInput(attempt))) {
    return failed({ reason: 'bad-input', message: 'the input is no longer stored' }, false)
  }
  const lookAtLease = (): void => {
    if (lease.isOver) control.stop({ why: 'lost', graceMs: 0 })
  }
  // A worker that stood still meanwhile may have been given up: another attempt may ask by now.
  lookAtLease()
  if (control.order !== undefined) return describeOrder(job, control.order)
  const limit = limitRunTime(control, job.limits)
  const leaseTimer = setInterval(lookAtLease, LEASE_LOOK_MS)
  // A query has nothing to tidy up, so an order to stop needs no grace.
  const answer = await ask(attempt).finally(() => {
    limit.clear()
    clearInterval(leaseTimer)
  })
  // It never saw this query.
  if (answer.kind === 'refused') worker.readiness.model?.doubt()
  return toResult(attempt, answer)
}

function ask({ deps, job, folder, control }: Attempt): Promise<ModelAnswer> {
  const request = job.request ?? { method: 'POST', path: '/', headers: {} }
  return (deps.callModel ?? callModel)({
    port: deps.port ?? 0,
    method: request.method,
    path: request.path,
    headers: {
      ...toForwardedHeaders(request.headers),
      'x-scalable-job-id': job.id,
      'x-scalable-job-attempt': String(job.attempt),
    },
    bodyFile: folder.inputFile,
    answerFile: folder.answerFile,
    maxAnswerBytes: MAX_ANSWER_BYTES,
    signal: control.signal,
  })
}

async function toResult(attempt: Attempt, answer: ModelAnswer): Promise<RunResult> {
  if (answer.kind === 'answered') return storeAnswer(attempt, answer)
  if (answer.kind === 'aborted') return describeOrder(attempt.job, attempt.control.order)
  if (answer.kind === 'refused' && mayRelease(attempt.job)) {
    return { kind: 'released', why: `the model server took no connection: ${answer.message}` }
  }
  if (answer.kind === 'refused' || answer.kind === 'unreachable') {
    return failed({ reason: 'model-unreachable', message: answer.message }, true)
  }
  const message = `the answer was larger than ${MAX_ANSWER_BYTES} bytes`
  return failed({ reason: 'model-unreachable', message }, false)
}

/** A server that goes whenever a query comes must not send its queries round for ever. */
function mayRelease({ attempts }: Job): boolean {
  const last = attempts.slice(-MAX_FREE_RELEASES)
  return last.length < MAX_FREE_RELEASES || last.some(({ reason }) => reason !== 'released')
}

/** A status other than 2xx is a failure whose answer is stored all the same. */
async function storeAnswer(
  attempt: Attempt,
  answer: Extract<ModelAnswer, { kind: 'answered' }>,
): Promise<RunResult> {
  const { deps, prefix, folder } = attempt
  const { statusCode, contentType, bytes } = answer
  const result: ResultRef = { key: resultKey(prefix), bytes, contentType }
  const body = { path: folder.answerFile }
  await retryWhileHeld(attempt, () => deps.files.put({ key: result.key, body, contentType }))
  const message = `the model server answered with ${statusCode}`
  if (statusCode >= 200 && statusCode <= 299) {
    const end: EndDetail = { reason: 'completed', message, statusCode }
    return { kind: 'outcome', outcome: { status: 'succeeded', end, result, retryable: false } }
  }
  const end: EndDetail = { reason: 'model-status', message, statusCode }
  const retryable = statusCode >= 500 || statusCode === 429 || statusCode === 408
  return { kind: 'outcome', outcome: { status: 'failed', end, result, retryable } }
}
