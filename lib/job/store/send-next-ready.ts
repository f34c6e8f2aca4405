import { reserveSend } from '../life/reserve-send.ts'
import { confirmSend } from '../life/confirm-send.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Queues } from '../../ports/queues.ts'
import type { Table } from '../../ports/table.ts'
import { changeJob } from './change-job.ts'
import type { StoredJob } from './job-row.ts'
import { sendReady } from './send-ready.ts'

export interface ReadyPorts {
  readonly table: Table
  readonly queues: Queues
  readonly clock: Clock
}

/**
 * Tells the workers of a queued job whose message is due: `readyAt` is moved a little, the message
 * sent, `readyAt` moved far. Whatever fails in between costs the job half a minute. A job that was
 * claimed or ended meanwhile is left alone.
 *
 * @returns whether there was something to tell
 * @throws PortUnavailable when table or queue do not answer
 */
export async function sendNextReady(
  { table, queues, clock }: ReadyPorts,
  known: StoredJob,
): Promise<boolean> {
  const { id } = known.job
  const held = await changeJob(table, { id, known }, (job) => reserveSend(job, clock.now()))
  if (!held.ok) return false
  const { stored } = held
  await sendReady(queues, stored.job)
  await changeJob(table, { id, known: stored }, (job) => confirmSend(job, stored.job, clock.now()))
  return true
}
