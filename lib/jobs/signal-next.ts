import { holdSignal } from '../core/job/hold-signal.ts'
import { markSent } from '../core/job/mark-sent.ts'
import type { Clock } from '../ports/clock.ts'
import type { Queues } from '../ports/queues.ts'
import type { Table } from '../ports/table.ts'
import { changeJob } from './change-job.ts'
import type { StoredJob } from './job-row.ts'
import { sendSignal } from './send-signal.ts'

export interface SignalPorts {
  readonly table: Table
  readonly queues: Queues
  readonly clock: Clock
}

/**
 * Tells the workers of a queued job whose message is due: `signalAt` is moved a little, the message
 * sent, `signalAt` moved far. Whatever fails in between costs the job half a minute. A job that was
 * claimed or ended meanwhile is left alone.
 *
 * @returns whether there was something to tell
 * @throws PortUnavailable when table or queue do not answer
 */
export async function signalNext(
  { table, queues, clock }: SignalPorts,
  known: StoredJob,
): Promise<boolean> {
  const { id } = known.job
  const held = await changeJob(table, { id, known }, (job) => holdSignal(job, clock.now()))
  if (!held.ok) return false
  const { stored } = held
  await sendSignal(queues, stored.job)
  await changeJob(table, { id, known: stored }, (job) => markSent(job, stored.job, clock.now()))
  return true
}
