import { avgWaitingLength } from './avg-waiting-length.ts'
import type { Strategy, StrategyInput } from './strategy.ts'
import { targetWait } from './target-wait.ts'

/**
 * Every scaling strategy. One more is a file and a line here: its setting, its reason, the decision
 * record and the reference pages follow.
 */
export const STRATEGIES = [avgWaitingLength, targetWait] as const satisfies readonly Strategy[]

type KnownStrategy = (typeof STRATEGIES)[number]
export type StrategyKey = KnownStrategy['key']
export type StrategyReason = KnownStrategy['reason']['code']

/** A number for each strategy: its setting, or the workers that it asks for. */
export type PerStrategy = Readonly<Partial<Record<StrategyKey, number>>>

/** The strategies as `service.json` sets them; the one with a default where it sets none. */
export function withDefault(
  settings: Readonly<Partial<Record<StrategyKey, number | undefined>>>,
): PerStrategy {
  const isSet = STRATEGIES.some(({ key }) => settings[key] !== undefined)
  const all: readonly Strategy[] = STRATEGIES
  const byDefault = all.map((each) => [each.key, each.default] as const)
  return pick(isSet ? STRATEGIES.map(({ key }) => [key, settings[key]]) : byDefault)
}

/** What each strategy that is set asks for, without bounds. */
export function askStrategies(input: StrategyInput, settings: PerStrategy): PerStrategy {
  return pick(
    STRATEGIES.map(({ key, wanted }) => {
      const setting = settings[key]
      return [key, setting === undefined ? undefined : wanted(input, setting)]
    }),
  )
}

/** The largest demand wins, the first of equal ones. */
export function largestOf(demand: PerStrategy): { count: number; reason: StrategyReason } {
  const [first] = STRATEGIES
  let largest: { count: number; reason: StrategyReason } = { count: 0, reason: first.reason.code }
  for (const { key, reason } of STRATEGIES) {
    const count = demand[key] ?? 0
    if (count > largest.count) largest = { count, reason: reason.code }
  }
  return largest
}

export function needRunSeconds(settings: PerStrategy): boolean {
  const all: readonly Strategy[] = STRATEGIES
  return all.some(({ key, needsRunSeconds }) => needsRunSeconds && key in settings)
}

function pick(entries: readonly (readonly [string, number | undefined])[]): PerStrategy {
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined))
}
