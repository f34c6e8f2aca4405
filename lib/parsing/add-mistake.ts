import type { z } from 'zod'

/** Adds a mistake that the kinds of values alone do not show. */
export function addMistake(
  context: z.core.$RefinementCtx,
  mistake: { path: PropertyKey[]; problem: string; got: unknown; allowed: string },
): void {
  const { path, problem, got, allowed } = mistake
  context.addIssue({ code: 'custom', path, message: problem, input: got, params: { allowed } })
}
