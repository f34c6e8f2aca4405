import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openEmbedded } from '../../lib/adapters/open-embedded.ts'
import type { Job } from '../../lib/job/job.ts'
import { attemptPrefix, resultKey } from '../../lib/job/keys.ts'
import { claim } from '../../lib/job/life/attempt.ts'
import { reserveReady } from '../../lib/job/life/delivery.ts'
import { MAX_OUTPUT_MESSAGE_BYTES } from '../../lib/job/messages.ts'
import { changeJob } from '../../lib/job/store/change-job.ts'
import { createJob } from '../../lib/job/store/create-job.ts'
import { readJob, type StoredJob } from '../../lib/job/store/job-row.ts'
import { sendEnd } from '../../lib/job/store/send-end.ts'
import { sendReady, sendReserved } from '../../lib/job/store/send-ready.ts'
import type { Queues } from '../../lib/ports/queues.ts'
import { anEnded } from '../api/a-life.ts'
import { aJob, NOON_MS } from '../support/a-job.ts'
import { FakeClock } from '../support/fake-clock.ts'

function open() {
  const clock = new FakeClock(NOON_MS)
  return { clock, ...openEmbedded({ stateDir: ':memory:', clock }) }
}

let ports: ReturnType<typeof open>
beforeEach(() => {
  ports = open()
})
afterEach(() => ports.close())

async function create(job: Job): Promise<StoredJob> {
  const created = await createJob(ports.table, { job })
  if (created.kind === 'conflict') throw new Error('conflict')
  return created.stored
}

async function read(): Promise<Job | undefined> {
  return (await readJob(ports.table, aJob().id))?.job
}

async function receive(queue: 'command' | 'output'): Promise<unknown[]> {
  const how = { max: 10, waitSeconds: 0, visibilitySeconds: 0 }
  return (await ports.queues.receive(queue, how)).map(({ body }) => JSON.parse(body) as unknown)
}

/** Queues that take no message. */
function brokenQueues(): Queues {
  return Object.assign(Object.create(ports.queues), {
    send: () => Promise.reject(new Error('the queue is away')),
  }) as Queues
}

describe('the ready message', () => {
  test('that is due is sent, and next due in ten minutes', async () => {
    expect(await sendReady(ports, await create(aJob()))).toBe(true)
    expect(await receive('command')).toEqual([{ jobId: aJob().id, attempt: 1 }])
    expect(await read()).toEqual(aJob({ readyAt: '2026-01-01T12:10:00.000Z', readySent: 1 }))
  })

  test('that somebody else sends at this moment does not count as sent, and is not', async () => {
    const known = await create(aJob())
    await changeJob(ports.table, { id: known.job.id }, (job) => reserveReady(job, NOON_MS))
    expect(await sendReady(ports, known)).toBe(false)
    expect(await receive('command')).toEqual([])
  })

  test('of a job that was claimed meanwhile is not sent', async () => {
    const known = await create(aJob())
    const by = { workerId: 'w1', taskId: 't1', leaseSeconds: 60, attempt: 1 }
    await changeJob(ports.table, { id: known.job.id }, (job) => claim(job, by, NOON_MS))
    expect(await sendReady(ports, known)).toBe(false)
    expect(await receive('command')).toEqual([])
  })

  test('that could not be sent is due again after 30 s, and not before', async () => {
    const known = await create(aJob())
    await expect(sendReady({ ...ports, queues: brokenQueues() }, known)).rejects.toThrow('away')
    expect(await read()).toEqual(aJob({ readyAt: '2026-01-01T12:00:30.000Z' }))
    await ports.clock.advance(29_999)
    expect(await sendReady(ports, known)).toBe(false)
    await ports.clock.advance(1)
    expect(await sendReady(ports, known)).toBe(true)
  })

  test('of a new job, which is created reserved, is sent at once', async () => {
    const job = aJob({ readyAt: '2026-01-01T12:00:30.000Z' })
    await sendReserved(ports, await create(job))
    expect(await receive('command')).toEqual([{ jobId: job.id, attempt: 1 }])
    expect(await read()).toEqual(aJob({ readyAt: '2026-01-01T12:10:00.000Z', readySent: 1 }))
  })
})

describe('the end message', () => {
  beforeEach(() => ports.clock.advance(5000))

  const PREFIX = attemptPrefix(aJob().id, 1)
  const QUERY = { taskType: 'query', tags: { run: 'a' } } as const
  const resultOf = (bytes: number) => ({
    result: { key: resultKey(PREFIX), bytes, contentType: 'text/plain' },
  })

  test('says how the job ended, once, and the row then expects no further one', async () => {
    const stored = await create(anEnded({ tags: { run: 'a' } }))
    await sendEnd(ports, stored)
    expect(await receive('output')).toEqual([
      {
        id: `${aJob().id}:1:end`,
        kind: 'end',
        jobId: aJob().id,
        attempt: 1,
        taskType: 'command',
        tenant: 'default',
        tags: { run: 'a' },
        at: '2026-01-01T12:00:05.000Z',
        status: 'succeeded',
        reason: 'completed',
        message: 'exited with 0',
        exitCode: 0,
      },
    ])
    expect(await read()).not.toHaveProperty('notifyAt')
    expect(await read()).toMatchObject({ notificationsSent: 1 })
  })

  test('of a query has its answer', async () => {
    await ports.files.put({ key: resultKey(PREFIX), body: 'forty-two' })
    await sendEnd(ports, await create(anEnded(QUERY, resultOf(9))))
    const resultBase64 = Buffer.from('forty-two').toString('base64')
    expect(await receive('output')).toMatchObject([{ resultBase64, contentType: 'text/plain' }])
  })

  test.each([
    [MAX_OUTPUT_MESSAGE_BYTES / 2, 'resultBase64'],
    [MAX_OUTPUT_MESSAGE_BYTES / 2 + 1, 'resultKey'],
  ])('of a query that answered %d bytes has its %s', async (bytes, field) => {
    await ports.files.put({ key: resultKey(PREFIX), body: Buffer.alloc(bytes, 'x') })
    await sendEnd(ports, await create(anEnded(QUERY, resultOf(bytes))))
    const [message] = await receive('output')
    const fields = Object.keys(message as object).filter((name) => name.startsWith('result'))
    expect(fields).toEqual([field])
    expect(message).toMatchObject({ contentType: 'text/plain' })
  })

  test('of a query whose answer is gone names where it was', async () => {
    await sendEnd(ports, await create(anEnded(QUERY, resultOf(9))))
    expect(await receive('output')).toMatchObject([{ resultKey: resultKey(PREFIX) }])
  })

  test('that could not be sent is due again', async () => {
    const stored = await create(anEnded())
    await expect(sendEnd({ ...ports, queues: brokenQueues() }, stored)).rejects.toThrow('away')
    expect(await read()).toMatchObject({ notifyAt: '2026-01-01T12:00:35.000Z' })
    await sendEnd(ports, stored)
    expect(await receive('output')).toEqual([])
    await ports.clock.advance(30_000)
    await sendEnd(ports, stored)
    expect(await receive('output')).toHaveLength(1)
  })
})
