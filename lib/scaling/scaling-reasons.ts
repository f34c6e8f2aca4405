import { STRATEGIES, type StrategyReason } from './strategies/strategies.ts'

const STRATEGY_REASONS = Object.fromEntries(
  STRATEGIES.map(({ reason }) => [reason.code, reason.sentence]),
) as Readonly<Record<StrategyReason, string>>

/** Every reason of a scaling decision, each with one sentence. Codes are stable. */
export const SCALING_REASONS = {
  steady: 'As many workers are wanted as before.',
  ...STRATEGY_REASONS,
  'leaving-zero': 'The first job waits and there is no worker yet.',
  'below-min': 'There are fewer workers than the minimum that is kept warm.',
  'at-max': 'More workers would be used, but the maximum is reached.',
  'rise-held': 'More workers are called for, but not yet for the whole scale-up window.',
  'fewer-needed': 'Fewer workers are needed; only released ones are taken away.',
  'fall-held': 'Fewer workers are needed, but not yet for the whole scale-down window.',
  'young-jobs':
    'Fewer would do if the running jobs are short; they have not run long enough to say.',
  'zero-grace': 'Nothing waits or runs; the last worker stays for its grace time.',
  'min-warm': 'Nothing waits; the minimum is kept warm.',
  'busy-floor': 'Fewer would do, but these workers are busy or protected and are not stopped.',
  'replacing-silent': 'A worker is silent, without job and protection; it is stopped and replaced.',
  'not-observed': 'Something could not be observed, and that lowers nothing.',
  'stale-observation': 'The observation was too old to lower anything.',
  'raised-unseen':
    'A job waits and there is no worker; that is enough, whatever could not be seen.',
} as const

export type ScalingReason = keyof typeof SCALING_REASONS
