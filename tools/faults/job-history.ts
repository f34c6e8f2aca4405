import type { LedgerEvent } from './ledger-event.ts'

type Of<What extends LedgerEvent['what']> = Extract<LedgerEvent, { readonly what: What }>

/** Everything that a ledger holds about one job. */
export interface JobHistory {
  readonly jobId: string
  accepted: boolean
  kind: string | undefined
  readonly ends: Of<'ended'>[]
  readonly effects: Of<'effect'>[]
  readonly untrue: Of<'untrue'>[]
}

/** The histories by job id, of accepted jobs and of any other that left a trace. */
export function readHistories(events: readonly LedgerEvent[]): Map<string, JobHistory> {
  const histories = new Map<string, JobHistory>()
  for (const event of events) {
    if (!('jobId' in event)) continue
    const history = histories.get(event.jobId) ?? empty(event.jobId)
    histories.set(event.jobId, history)
    add(history, event)
  }
  return histories
}

function empty(jobId: string): JobHistory {
  return { jobId, accepted: false, kind: undefined, ends: [], effects: [], untrue: [] }
}

function add(history: JobHistory, event: LedgerEvent): void {
  if (event.what === 'accepted') {
    history.accepted = true
    history.kind = event.kind
  }
  if (event.what === 'ended') history.ends.push(event)
  if (event.what === 'effect') history.effects.push(event)
  if (event.what === 'untrue') history.untrue.push(event)
}
