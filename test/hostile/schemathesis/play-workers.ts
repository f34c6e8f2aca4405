import { createHash } from 'node:crypto'
import type { AttemptOutcome } from '../../../lib/job/life/attempt-end.ts'
import type { Job } from '../../../lib/job/job.ts'
import { artifactKey, attemptPrefix, manifestKey, resultKey } from '../../../lib/job/keys.ts'
import { parseReady } from '../../../lib/job/messages.ts'
import type { LiveApi } from '../../support/a-live-api.ts'

const ANSWER = '{"digit":7}'
const MODEL = 'weights'

/**
 * Plays the workers of a live API, without running what it was sent: commands made by chance are
 * not for a shell. Every third job stays queued, every third runs on, the others end with a log,
 * and with an artifact or an answer, so that every state can be met.
 */
export async function playWorkers(live: LiveApi, signal: AbortSignal): Promise<void> {
  let count = 0
  while (!signal.aborted) {
    const received = await Promise.all(
      (['command', 'query'] as const).map((queue) => receiveReadyMessages(live, queue, signal)),
    )
    for (const jobId of received.flat()) {
      count += 1
      if (count % 3 !== 0) await playJob(live, jobId, count % 3 === 1)
    }
  }
}

async function receiveReadyMessages(
  live: LiveApi,
  queue: 'command' | 'query',
  signal: AbortSignal,
) {
  const how = { max: 10, waitSeconds: 1, visibilitySeconds: 43_200, signal }
  const messages = await live.queues.receive(queue, how)
  return messages.flatMap(({ body }) => parseReady(body)?.jobId ?? [])
}

/** A job that was canceled meanwhile is none to play. */
async function playJob(live: LiveApi, jobId: string, toTheEnd: boolean): Promise<void> {
  try {
    const job = await live.start(jobId)
    await live.writeLog(jobId, 0, [{ text: 'epoch 1 of 10' }, { stream: 'stderr', text: 'warn' }])
    if (toTheEnd) await live.end(jobId, await leaveFiles(live, job))
  } catch (error) {
    if (!(error instanceof Error) || !/already|ended|not-/.test(error.message)) throw error
  }
}

async function leaveFiles(live: LiveApi, job: Job): Promise<Partial<AttemptOutcome>> {
  const prefix = attemptPrefix(job.id, job.attempt)
  if (job.taskType === 'query') {
    const key = resultKey(prefix)
    await live.files.put({ key, body: ANSWER })
    return { result: { key, bytes: ANSWER.length, contentType: 'application/json' } }
  }
  await live.files.put({ key: artifactKey(prefix, 'model.bin'), body: MODEL })
  const sha256 = createHash('sha256').update(MODEL).digest('hex')
  const files = [{ path: 'model.bin', bytes: MODEL.length, sha256, contentType: 'text/plain' }]
  await live.keepManifest(job.id, files)
  return { artifacts: { manifestKey: manifestKey(prefix), files: 1, bytes: MODEL.length } }
}
