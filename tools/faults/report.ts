import { API_VERSION } from '../../lib/registry/package-files.ts'
import { GATES, hungGate, judge, strikingGate, type Verdict } from './gates.ts'
import type { LedgerEvent } from './ledger-event.ts'
import { measure, type Measures } from './measures.ts'
import type { FaultsOptions } from './options.ts'
import type { Stage } from './stage.ts'

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

/** A campaign that has run, as its report needs it. */
interface Campaign extends Pick<Report, 'title' | 'about' | 'remarks'> {
  readonly only: NonNullable<FaultsOptions['only']>
  readonly options: Pick<FaultsOptions, 'form' | 'seed'>
  readonly size: { readonly count: number; readonly minutes: number }
  /** Jobs of the long form: with fewer, a campaign need not have seen every sort of fault. */
  readonly wholeJobs: number
  readonly startedMs: number
  /** After this a call of the scaler that gets no answer is given up; 0 where there is none. */
  readonly callSeconds: number
  readonly sorts: readonly string[]
  readonly versions?: Readonly<Record<string, string>>
}

export function makeReport({ ledger, timing }: Stage, campaign: Campaign): Report {
  const { only, options, size, wholeJobs, startedMs, callSeconds, sorts } = campaign
  const { form, seed } = options
  const measures = measure(ledger.events)
  const counts = countEvents(ledger.events)
  const struck = counts.faults.map(({ name }) => name)
  // A short one has not the time for certain.
  const isWhole = form === 'long' && size.count >= wholeJobs
  const short = form === 'short' ? '--short ' : ''
  return {
    title: campaign.title,
    about: campaign.about,
    again: `npm run faults -- ${short}--only ${only} --seed ${seed} --jobs ${size.count} --minutes ${size.minutes}`,
    seed,
    startedAt: new Date(startedMs).toISOString(),
    minutes: (Date.now() - startedMs) / 60_000,
    versions: { 'Scalable Job': API_VERSION, Node: process.version, ...campaign.versions },
    measures,
    verdicts: judge(measures, [
      ...GATES,
      hungGate(timing.look_seconds, { mustHappen: isWhole, callSeconds }),
      ...(isWhole ? [strikingGate(struck, sorts)] : []),
    ]),
    ...counts,
    remarks: campaign.remarks,
  }
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
