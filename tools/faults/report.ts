import type { Verdict } from './gates.ts'
import type { LedgerEvent } from './ledger-event.ts'
import type { Measures } from './measures.ts'

/** How often something happened. */
export interface Counted {
  readonly name: string
  readonly count: number
}

/** What one campaign hands to the scorecard; plain JSON. */
export interface Report {
  /** Heading of its part of the page, such as `One machine, real processes`. */
  readonly title: string
  /** One paragraph: what ran, against what. */
  readonly about: string
  /** The line that runs it again with its seed. */
  readonly again: string
  readonly seed: number
  readonly startedAt: string
  readonly minutes: number
  readonly versions: Readonly<Record<string, string>>
  readonly measures: Measures
  readonly verdicts: readonly Verdict[]
  readonly jobs: readonly Counted[]
  readonly faults: readonly Counted[]
  readonly retries: readonly Counted[]
  /** Anything else worth a line, already worded. */
  readonly remarks: readonly string[]
}

/** How often each name occurs, most frequent first. */
function countNames(names: readonly string[]): Counted[] {
  const counts = new Map<string, number>()
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1)
  const counted = [...counts].map(([name, count]) => ({ name, count }))
  return counted.toSorted((one, other) => {
    return other.count - one.count || one.name.localeCompare(other.name)
  })
}

/** The three counts of a report, from a ledger. */
export function countEvents(
  events: readonly LedgerEvent[],
): Pick<Report, 'jobs' | 'faults' | 'retries'> {
  const pick = (name: (event: LedgerEvent) => string | undefined) => {
    return countNames(events.flatMap((event) => name(event) ?? []))
  }
  return {
    jobs: pick((event) => (event.what === 'accepted' ? event.kind : undefined)),
    faults: pick((event) => (event.what === 'fault' ? event.kind : undefined)),
    retries: pick((event) => (event.what === 'retried' ? event.cause : undefined)),
  }
}
