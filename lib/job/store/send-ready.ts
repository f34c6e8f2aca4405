import type { Job } from '../job.ts'
import { confirmReady, reserveReady } from '../life/delivery.ts'
import type { ReadyMessage } from '../messages.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Queues } from '../../ports/queues.ts'
import type { Table } from '../../ports/table.ts'
import { changeJob } from './change-job.ts'
import type { StoredJob } from './job-row.ts'

export interface ReadyPorts {
  readonly table: Table
  readonly queues: Queues
  readonly clock: Clock
}

/**
 * Sends the ready message of a queued job, where it is due: `readyAt` is moved a little, the message
 * sent, `readyAt` moved far. Whatever fails in between costs the job half a minute. A job that was
 * claimed or ended meanwhile is left alone.
 *
 * @returns whether a message was sent
 * @throws PortUnavailable when table or queue do not answer
 */
export async function sendReady(ports: ReadyPorts, known: StoredJob): Promise<boolean> {
  const { table, clock } = ports
  const target = { id: known.job.id, known }
  const reserved = await changeJob(table, target, (job) => reserveReady(job, clock.now()))
  if (!reserved.ok) return false
  await sendReserved(ports, reserved.stored)
  return true
}

/**
 * The same for a job whose message is reserved already: a new one.
 *
 * @throws PortUnavailable when table or queue do not answer
 */
export async function sendReserved(
  { table, queues, clock }: ReadyPorts,
  reserved: StoredJob,
): Promise<void> {
  const { job } = reserved
  await queues.send(job.taskType, [makeReadyMessage(job)])
  await changeJob(table, { id: job.id, known: reserved }, (row) =>
    confirmReady(row, job, clock.now()),
  )
}

/** "The next attempt of this job may be ready." A repeat is harmless, because the claim decides. */
export function makeReadyMessage({ id, attempt }: Job): { readonly body: string } {
  const message: ReadyMessage = { jobId: id, attempt: attempt + 1 }
  return { body: JSON.stringify(message) }
}
