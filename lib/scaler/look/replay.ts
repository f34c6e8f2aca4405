import { decide } from '../../scaling/decide.ts'
import type { Decision, DecisionRecord } from '../../scaling/decision.ts'

/**
 * Makes a recorded decision again, from what it was made of: the same answer, in a debugger or with
 * a changed strategy. `undefined` where the record was too large to keep its inputs.
 */
export function replay({ replay: inputs }: DecisionRecord): Decision | undefined {
  if (inputs === undefined) return undefined
  const { observation, memory, policy, nowMs } = inputs
  return decide(observation, memory, policy, nowMs).decision
}
