import { isEnded, type Job } from '../job.ts'
import { confirmEnd, reserveEnd } from '../life/delivery.ts'
import { type EndMessage, MAX_OUTPUT_MESSAGE_BYTES } from '../messages.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Files } from '../../ports/files.ts'
import type { Queues } from '../../ports/queues.ts'
import { readAtMost } from './read-at-most.ts'
import type { Table } from '../../ports/table.ts'
import { waitAtMost } from '../../pace/wait-at-most.ts'
import { changeJob } from './change-job.ts'
import type { StoredJob } from './job-row.ts'

/** Longest wait for an answer that is to go into its message. */
const READ_MS = 3000

export interface EndPorts {
  readonly table: Table
  readonly queues: Queues
  readonly files: Files
  readonly clock: Clock
}

/**
 * Sends the end message of an ended job, at least once. The time of the next try is moved first, so
 * that two senders rarely meet and a lost send is repeated.
 *
 * @throws PortUnavailable when table or queue do not answer
 */
export async function sendEnd(ports: EndPorts, known: StoredJob): Promise<void> {
  const { table, queues, clock } = ports
  const target = { id: known.job.id, known }
  const reserved = await changeJob(table, target, (job) => reserveEnd(job, clock.now()))
  if (!reserved.ok) return
  const message = await makeEndMessage(ports, reserved.stored.job)
  await queues.send('output', [{ body: JSON.stringify(message) }])
  await changeJob(table, { id: target.id, known: reserved.stored }, confirmEnd)
}

/** @throws Error when the job has not ended */
async function makeEndMessage(ports: EndPorts, job: Job): Promise<EndMessage> {
  const { end, status } = job
  if (end === undefined || !isEnded(status)) throw new Error(`job ${job.id} has not ended`)
  const message: EndMessage = {
    id: `${job.id}:${job.attempt}:end`,
    kind: 'end',
    jobId: job.id,
    attempt: job.attempt,
    taskType: job.taskType,
    tenant: job.tenant,
    tags: { ...job.tags },
    at: job.endedAt ?? job.queuedAt,
    status,
    ...end,
  }
  return { ...message, ...(await describeResult(ports, job)) }
}

/** The answer itself while it is small and at hand, a pointer otherwise. */
async function describeResult(ports: EndPorts, job: Job): Promise<Partial<EndMessage>> {
  const { result } = job
  if (result === undefined) return {}
  const { key, bytes, contentType } = result
  // Base64 takes four characters for three bytes; a quarter of the room is left for the rest.
  if (bytes > MAX_OUTPUT_MESSAGE_BYTES / 2) return { resultKey: key, contentType }
  const body = await readSoon(ports, key)
  if (body === undefined) return { resultKey: key, contentType }
  return { resultBase64: body.toString('base64'), contentType }
}

/** A store that hangs may take 90 s for its bound, which is more than a look of the scaler has. */
async function readSoon({ files, clock }: EndPorts, key: string): Promise<Buffer | undefined> {
  const reading = readAtMost(files, key, MAX_OUTPUT_MESSAGE_BYTES)
  const read = await waitAtMost(clock, READ_MS, reading)
  // A file that somebody has written over since must not stop the end message.
  return read === 'too-large' ? undefined : read
}
