import { z } from 'zod'
import type { ServiceView } from '../api/contract/service-view.ts'
import { SCALING_REASONS } from '../scaling/scaling-reasons.ts'

/** What is shown of a decision of the scaler; whatever else it has is left alone. */
const decisionSchema = z.object({
  atMs: z.number(),
  /** Last of the looks in a row that came to the same answer. */
  lastSeenAtMs: z.number().optional(),
  wanted: z.number(),
  reason: z.string(),
  inputs: z.object({
    waiting: z.record(z.string(), z.number()).optional(),
    oldestWaitingSeconds: z.number().optional(),
    unseen: z.array(z.string()).optional(),
  }),
})
export type ShownDecision = z.infer<typeof decisionSchema>

/** The scaler's last decisions, newest first. */
export function readDecisions({ decisions = [] }: ServiceView): ShownDecision[] {
  return decisions
    .flatMap((each) => decisionSchema.safeParse(each).data ?? [])
    .toSorted((one, other) => other.atMs - one.atMs)
}

/** The reason as a sentence. */
export function explainReason(reason: string): string {
  return Object.entries(SCALING_REASONS).find(([code]) => code === reason)?.[1] ?? reason
}

/** Jobs that waited, as the decision saw them; undefined where it could not see. */
export function countWaiting({ inputs: { waiting } }: ShownDecision): number | undefined {
  if (waiting === undefined) return undefined
  return Object.values(waiting).reduce((sum, count) => sum + count, 0)
}
