import type { ServiceView } from '../client/answers.ts'
import { SCALING_REASONS } from '../scaling/scaling-reasons.ts'

export type Decision = NonNullable<ServiceView['decisions']>[number]

/** The reason as a sentence. */
export function explainReason(reason: string): string {
  return Object.entries(SCALING_REASONS).find(([code]) => code === reason)?.[1] ?? reason
}

/** Jobs that waited, as the decision saw them; undefined where it could not see. */
export function countWaiting({ inputs: { waiting } }: Decision): number | undefined {
  return waiting && Object.values(waiting).reduce((sum, count) => sum + count, 0)
}
