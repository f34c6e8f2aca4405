import type { JobView } from '../../../lib/api/contract/job-view-schema.ts'
import type { Outage } from '../arena.ts'

export interface LossCauses {
  readonly outages: readonly Outage[]
  /** From the id that a worker goes by to that of its process. */
  readonly taskOf: ReadonlyMap<string, string>
}

type Attempt = JobView['attempts'][number]

/** Attempts that were lost or given back although the campaign had nothing of theirs down. */
export function findUncaused({ attempts }: JobView, causes: LossCauses): string[] {
  return attempts.flatMap((attempt) => {
    if (!isInterrupted(attempt) || hasCause(attempt, causes)) return []
    const { attempt: number, reason, message } = attempt
    return [`attempt ${number} was ${reason} for no cause of the campaign's: ${message}`]
  })
}

/** A query whose model server took no connection goes to another worker; nobody stopped anything. */
function isInterrupted({ reason, message = '' }: Attempt): boolean {
  if (reason === 'released') return !message.includes('took no connection')
  return reason === 'worker-lost'
}

function hasCause(attempt: Attempt, { outages, taskOf }: LossCauses): boolean {
  const { startedAt, endedAt, workerId, message = '' } = attempt
  const [fromMs, untilMs] = [Date.parse(startedAt), Date.parse(endedAt)]
  const isFault = message.startsWith('a fault of the worker')
  return outages.some((outage) => {
    const isTheirs = outage.taskId === undefined || outage.taskId === taskOf.get(workerId)
    const isSort = outage.kind === 'down' || (outage.kind === 'faulty' && isFault)
    return isTheirs && isSort && outage.fromMs <= untilMs && outage.untilMs >= fromMs
  })
}
