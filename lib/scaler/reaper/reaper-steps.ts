import { cleanWorkers } from './clean-workers.ts'
import { countDeadLetters } from './count-dead-letters.ts'
import { countEnds } from './count-ends.ts'
import { endQueuedJobs } from './end-queued-jobs.ts'
import { findUnclaimedTypes } from './find-unclaimed-types.ts'
import { loseAttempts } from './lose-attempts.ts'
import type { ReaperStep } from './reaper-step.ts'
import { resendReady } from './resend-ready.ts'
import { sendEnds } from './send-ends.ts'

/** In this order: a step finds what those before it found out. */
export const REAPER_STEPS = [
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
