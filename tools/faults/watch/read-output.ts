import { setTimeout as sleep } from 'node:timers/promises'
import type { EndMessage, LogMessage } from '../../../lib/job/messages.ts'
import type { Stage } from '../stage.ts'
import { sha256 } from '../expected-answer.ts'
import { digestEnd } from './digest-end.ts'
import type { KnownJobs } from '../known-jobs.ts'
import { noteJob } from '../note-job.ts'
import type { Random } from '../../support/random.ts'

const MAX_MESSAGES = 10
const WAIT_SECONDS = 5
const PAUSE_MS = 300
/** A consumer that dies before it acknowledges gets its messages again. */
const FORGET_SHARE = 0.01

/** Reads the output queue until the signal: each end that it tells goes into the ledger. */
export async function readOutput(
  { arena, jobs, random }: { arena: Stage; jobs: KnownJobs; random: Random },
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    try {
      const { client } = arena.service
      const { messages } = await client.output({
        max: MAX_MESSAGES,
        waitSeconds: WAIT_SECONDS,
        signal,
      })
      for (const { body } of messages) noteMessage(arena, jobs, body as EndMessage | LogMessage)
      if (random.chance(FORGET_SHARE)) continue
      if (messages.length > 0) await client.ack(messages.map(({ receipt }) => receipt))
    } catch {
      await sleep(PAUSE_MS) // away, or being broken; what was not acknowledged comes again
    }
  }
}

function noteMessage(arena: Stage, jobs: KnownJobs, message: EndMessage | LogMessage): void {
  if (message.kind !== 'end') return
  const at = Date.now()
  const { jobId, attempt, status, reason, resultBase64, resultKey, tags } = message
  // Of files the queue says nothing, and of a large answer only where it is.
  const isWhole = message.taskType === 'query' && resultKey === undefined
  const content = resultBase64 === undefined ? '' : sha256(Buffer.from(resultBase64, 'base64'))
  const digest = isWhole ? { digest: digestEnd(message, content) } : {}
  const job = noteJob({ arena, jobs }, { jobId, n: Number(tags['n']) })
  job.toldAtMs ??= at
  arena.ledger.record({
    what: 'ended',
    at,
    where: 'queue',
    jobId,
    attempt,
    status,
    reason,
    ...digest,
  })
}
