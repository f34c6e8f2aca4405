import { decide } from '../../lib/scaling/decide.ts'
import { EMPTY_MEMORY, type ScalerMemory } from '../../lib/scaling/memory.ts'
import type { ScalingPolicy } from '../../lib/scaling/scaling-policy.ts'
import type { ScalingReason } from '../../lib/scaling/scaling-reasons.ts'
import { NOON_MS } from '../support/a-job.ts'
import { anObservation, aPolicy, type Scene } from './an-observation.ts'

/** A named row of a table of decisions. */
export interface Case {
  readonly name: string
  readonly scene: Scene
  readonly policy?: Partial<ScalingPolicy>
  readonly memory?: Partial<ScalerMemory>
  readonly wanted: number
  readonly reason: ScalingReason
  readonly desired?: { readonly a?: number; readonly b?: number }
  /** `give w1`, `withdraw w2`, … in any order. */
  readonly drains?: readonly string[]
}

/** A fall that has been wanted for long enough, and nothing to wait for. */
export const FALLING = { fallSinceMs: NOON_MS - 10_000, lastActiveAtMs: NOON_MS - 3_600_000 }

/** What came of a row, beside what the row expects of it; fields it does not name are left out. */
export function runCase({ scene, policy, memory, ...expected }: Case) {
  const known = { ...EMPTY_MEMORY, liveSide: 'a' as const, ...memory }
  const { decision } = decide(anObservation(scene), known, aPolicy(policy), NOON_MS)
  const { wanted, reason } = decision
  const orders = decision.drains.map(({ kind, workerId }) => `${kind} ${workerId}`)
  const sides = expected.desired && Object.keys(expected.desired)
  // An empty record says that no side is touched at all.
  const isNamed = ([side]: [string, unknown]) => sides?.length === 0 || sides?.includes(side)
  return {
    actual: {
      wanted,
      reason,
      desired: sides && Object.entries(decision.desired).filter(isNamed),
      drains: expected.drains && orders.toSorted(),
    },
    expected: {
      wanted: expected.wanted,
      reason: expected.reason,
      desired: expected.desired && Object.entries(expected.desired),
      drains: expected.drains?.toSorted(),
    },
  }
}
