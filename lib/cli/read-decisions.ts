import { SCALING_REASONS } from '../scaling/scaling-reasons.ts'

/** The reason as a sentence. */
export function explainReason(reason: string): string {
  return Object.entries(SCALING_REASONS).find(([code]) => code === reason)?.[1] ?? reason
}
