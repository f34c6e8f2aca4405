import type { JobView } from '../../../lib/api/contract/job-view-schema.ts'
import { expectedAnswer, sha256 } from '../expected-answer.ts'
import type { JobPlan } from '../job-plan.ts'
import type { Effect } from '../watch/effects.ts'
import type { Inspected } from '../watch/inspect-job.ts'
import { findUncaused, type LossCauses } from './find-uncaused.ts'

export interface Evidence {
  readonly plan: JobPlan
  readonly inspected: Inspected
  readonly effects: readonly Effect[]
  readonly causes: LossCauses
}

/** Everything that the service says of a job and that cannot be true, in words. */
export function findUntruths(evidence: Evidence): string[] {
  const { view } = evidence.inspected
  if (view.endedAt === undefined) return []
  return [
    ...findImpossibleEnd(evidence),
    ...findWrongContent(evidence),
    ...findUnknownAttempts(evidence),
    ...findUncaused(view, evidence.causes),
  ]
}

function findImpossibleEnd({ plan, inspected, effects }: Evidence): string[] {
  const { view } = inspected
  const { expected, body } = plan
  const end = `${view.status} ${view.reason}`
  const isExpected = expected.ends.includes(end)
  if (!isExpected && !isGivenUp(view)) return [`it ended ${end}: ${view.message}`]
  if (!isExpected) return []
  const untruths: string[] = []
  const isDone = effects.some(({ attempt, effect }) => attempt === view.attempt && effect === 'end')
  const mustBeDone = view.status !== 'canceled' && view.reason !== 'timed-out'
  if (mustBeDone && !isDone) untruths.push(`${end}, but attempt ${view.attempt} never got there`)
  if (expected.exitCode !== view.exitCode && body.taskType === 'command' && mustBeDone) {
    if (expected.exitCode !== undefined) untruths.push(`exit code ${view.exitCode}`)
  }
  return untruths
}

/** Ends that faults of the campaign explain: every further attempt that was allowed was made. */
function isGivenUp({ status, reason, lossesUsed, retriesUsed, retry, taskType }: JobView): boolean {
  if (status !== 'failed') return false
  if (reason === 'worker-lost') return lossesUsed > retry.maxLosses
  const isModel = reason === 'model-unreachable' || reason === 'timed-out'
  const mayFail = taskType === 'query' ? isModel : reason === 'artifacts-failed'
  return mayFail && retriesUsed === retry.maxRetries
}

function findWrongContent({ plan, inspected }: Evidence): string[] {
  const { view, answer, artifacts } = inspected
  const { expected } = plan
  const isModels = view.reason === 'completed' || view.reason === 'model-status'
  if (expected.answer !== undefined && isModels) {
    if (answer !== sha256(expectedAnswer(expected.answer))) return ['its answer is another one']
  }
  if (expected.artifacts !== undefined && view.status === 'succeeded') {
    const isSame = JSON.stringify(artifacts) === JSON.stringify(expected.artifacts)
    if (!isSame) return [`its artifacts are others: ${JSON.stringify(artifacts)}`]
  }
  return []
}

function findUnknownAttempts({ inspected: { view }, effects }: Evidence): string[] {
  const unknown = effects.find(({ attempt }) => attempt > view.attempt)
  return unknown === undefined ? [] : [`attempt ${unknown.attempt} ran, which it does not know`]
}
