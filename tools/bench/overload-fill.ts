import { newJob } from '../../lib/api/submit/accept-job.ts'
import { makeIdGenerator } from '../../lib/job/job-id.ts'
import { type Job, toTimestamp } from '../../lib/job/job.ts'
import { confirmReady } from '../../lib/job/life/delivery.ts'
import { putJob } from '../../lib/job/store/job-row.ts'
import { jobInputKey } from '../../lib/job/keys.ts'
import type { Service } from '../../lib/service/service.ts'
import type { Embedded } from '../../lib/adapters/open-embedded.ts'
import { readServiceFile } from '../../lib/service/read-service-file.ts'
import type { Write } from '../../lib/ports/table.ts'

/** Rows of one write: 50 jobs with their inputs. */
const JOBS_PER_WRITE = 50
const PAYLOAD = Buffer.from('{}').toString('base64')

export interface Filling {
  readonly serviceFile: string
  readonly count: number
  /** Changes each job before it is written. */
  readonly change?: (job: Job) => Job
  /** Whether each gets its message. */
  readonly withMessages: boolean
}

/**
 * Waiting queries as a submit leaves them, over the same ports, many to a transaction: a fill over
 * HTTP takes three durable commits a job.
 */
export async function fillWaiting(stores: Embedded, filling: Filling): Promise<void> {
  const service = readServiceFile(filling.serviceFile)
  const newId = makeIdGenerator({ now: () => Date.now(), random: Math.random })
  for (let done = 0; done < filling.count; done += JOBS_PER_WRITE) {
    const size = Math.min(JOBS_PER_WRITE, filling.count - done)
    const jobs = Array.from({ length: size }, () => makeWaiting(service, newId()))
    const changed = filling.change === undefined ? jobs : jobs.map(filling.change)
    await stores.table.write(changed.flatMap(toWrites))
    if (!filling.withMessages) continue
    const bodies = changed.map(({ id }) => ({ body: JSON.stringify({ jobId: id, attempt: 1 }) }))
    await stores.queues.send('query', bodies)
  }
}

function makeWaiting(service: Service, id: string): Job {
  const nowMs = Date.now()
  const submission = {
    taskType: 'query',
    tenant: 'default',
    payload: { kind: 'bytes', bytes: Buffer.from('{}') },
    request: { method: 'POST', path: '/', headers: {} },
    choices: {},
  } as const
  const job = newJob(service, submission, { id, input: { kind: 'row', bytes: 2 }, nowMs })
  const sent = confirmReady(job, job, nowMs)
  return sent.ok ? sent.job : job
}

function toWrites(job: Job): Write[] {
  const input: Write = {
    kind: 'put',
    key: jobInputKey(job.id),
    data: { base64: PAYLOAD },
    expect: 'absent',
    expiresAtMs: Date.now() + 400 * 86_400_000,
  }
  return [putJob(job, 'absent'), input]
}

/** Ends that nobody has read yet. */
export async function fillOutput({ queues }: Embedded, count: number): Promise<void> {
  const at = toTimestamp(Date.now())
  for (let done = 0; done < count; done += 500) {
    const bodies = Array.from({ length: Math.min(500, count - done) }, (_, index) => {
      const id = `${done + index}:1:end`
      const body = { id, kind: 'end', status: 'succeeded', reason: 'completed', at, tags: {} }
      return { body: JSON.stringify({ ...body, resultBase64: 'b2s=', tenant: 'default' }) }
    })
    await queues.send('output', bodies)
  }
}
