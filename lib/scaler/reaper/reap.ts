import { cleanWorkers } from './clean-workers.ts'
import { countDeadLetters } from './count-dead-letters.ts'
import { countEnds } from './count-ends.ts'
import { endQueuedJobs } from './end-queued-jobs.ts'
import { findUnclaimedTypes } from './find-unclaimed-types.ts'
import { loseAttempts } from './lose-attempts.ts'
import type { Findings, ReaperContext, ReaperReport, ReaperStep } from './reaper-step.ts'
import { resendReady } from './resend-ready.ts'
import { sendEnds } from './send-ends.ts'

/** In this order: a step finds what those before it found out. */
const REAPER_STEPS = [
  loseAttempts,
  findUnclaimedTypes,
  endQueuedJobs,
  resendReady,
  sendEnds,
  cleanWorkers,
  countDeadLetters,
  countEnds,
] as const

type MemoryOf<Step> = Step extends ReaperStep<string, infer Memory> ? Memory : never

/** What each step has to know from one look to the next. */
export type ReaperMemory = {
  readonly [Step in (typeof REAPER_STEPS)[number] as Step['name']]?: MemoryOf<Step>
}

export interface ReapResult {
  readonly memory: ReaperMemory
  readonly report: ReaperReport
}

const NOTHING_DONE: ReaperReport = {
  resent: 0,
  expired: 0,
  notServed: 0,
  notified: 0,
  lost: 0,
  cleaned: 0,
}

/**
 * Mends what was left undone, wherever and whenever something was killed. Steps run one after the
 * other and fail alone; a step that failed keeps the memory that it had, so that a look that could
 * not read proves no silence.
 */
export async function reap(
  context: Omit<ReaperContext, 'findings'>,
  before: ReaperMemory,
  { isQuiet = false }: { readonly isQuiet?: boolean } = {},
): Promise<ReapResult> {
  const { steps } = context
  const memory: Record<string, object | undefined> = { ...before }
  let report = NOTHING_DONE
  let findings: Findings = {}
  for (const step of REAPER_STEPS as readonly ReaperStep[]) {
    if (isQuiet && step.skipsQuietLooks) continue
    const { name, takesHalf, empty } = step
    const slice = memory[name] ?? empty
    const isDone = await steps.run(name, async () => {
      const ofStep = takesHalf ? steps.withHalfTime() : steps
      const result = await step.run({ ...context, steps: ofStep, findings }, slice)
      if (result.memory) memory[name] = result.memory
      report = { ...report, ...result.report }
      findings = { ...findings, ...result.findings }
    })
    if (!isDone && step.afterFailure) memory[name] = step.afterFailure(slice)
  }
  return { memory, report }
}
