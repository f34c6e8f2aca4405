import { afterEach, beforeEach, describe, expect, it, test } from 'vitest'
import { look } from '../../lib/scaler/look/look.ts'
import type { ScalerDeps } from '../../lib/scaler/look/scaler-deps.ts'
import { finish } from '../../lib/job/life/attempt-end.ts'
import { changeJob } from '../../lib/job/store/change-job.ts'
import { sendEnd } from '../../lib/job/store/send-end.ts'
import { type Job, toTimestamp } from '../../lib/job/job.ts'
import { attemptPrefix, resultKey } from '../../lib/job/keys.ts'
import { PortUnavailable } from '../../lib/ports/port-unavailable.ts'
import type { Files } from '../../lib/ports/files.ts'
import type { Queues } from '../../lib/ports/queues.ts'
import { LOOK_SECONDS, type OpenScaler, openScaler } from '../scaler/a-scaler.ts'
import { fillWaiting } from './fill-waiting.ts'

const MINUTE_MS = 60_000
const DAY_MS = 86_400_000

let scaler: OpenScaler
beforeEach(() => {
  scaler = openScaler()
})
afterEach(async () => {
  await scaler.close()
})

/** The output queue takes nothing; the others are as they were. */
function withoutOutput({ deps, queues }: OpenScaler) {
  let tried = 0
  const broken: Queues = {
    send: async (queue, messages) => {
      if (queue !== 'output') return queues.send(queue, messages)
      tried += 1
      throw new PortUnavailable('queues', 'send', new Error('no room'))
    },
    receive: (queue, how) => queues.receive(queue, how),
    delete: (queue, receipts) => queues.delete(queue, receipts),
    handBack: (queue, receipts, seconds) => queues.handBack(queue, receipts, seconds),
    depth: (queue) => queues.depth(queue),
    close: async () => undefined,
  }
  return { deps: { ...deps, queues: broken } satisfies ScalerDeps, tried: () => tried }
}

async function lookAgain(deps: ScalerDeps, looks: number) {
  let last: unknown
  for (let each = 0; each < looks; each += 1) {
    last = await look(deps, 'clock')
    await scaler.clock.advance(LOOK_SECONDS * 1000)
  }
  return last
}

describe('an output queue that takes nothing for hours', () => {
  const each = { limits: { runSeconds: 0, queueSeconds: 60, graceSeconds: 30 } }

  it('keeps no job from ending and no message from being sent again', async () => {
    const { deps, tried } = withoutOutput(scaler)
    const ids = await fillWaiting(scaler, { count: 300, nowMs: scaler.clock.now(), each })
    const readyAt = toTimestamp(scaler.clock.now() + MINUTE_MS)
    const { id } = await scaler.addJob({ readyAt, id: '3711718195299999999' })
    await scaler.clock.advance(2 * MINUTE_MS)
    expect(await look(deps, 'clock')).toMatchObject({ reaped: { expired: 300, resent: 1 } })
    expect(await scaler.job(ids[299] ?? '')).toMatchObject({ status: 'failed' })
    expect(await scaler.job(id)).toMatchObject({ status: 'queued', readySent: 1 })
    // It is not asked three hundred times over, in each look anew.
    expect(tried()).toBeLessThan(10)
    await lookAgain(deps, 30)
    expect(tried()).toBeLessThan(200)
  })

  it('gets all ends, once each, within minutes of taking messages again', async () => {
    const { deps } = withoutOutput(scaler)
    await fillWaiting(scaler, { count: 300, nowMs: scaler.clock.now(), each })
    await scaler.clock.advance(2 * MINUTE_MS)
    await lookAgain(deps, 60)
    await lookAgain(scaler.deps, 40)
    expect((await scaler.queues.depth('output')).visible).toBe(300)
  })
})

describe('an output queue that nobody reads', () => {
  it('gives ten at a time, however many stand in it, and the oldest first', async () => {
    const { queues } = scaler
    const bodies = Array.from({ length: 5000 }, (_, index) => ({ body: String(index) }))
    await queues.send('output', bodies)
    const how = { max: 10, waitSeconds: 0, visibilitySeconds: 60 }
    const first = await queues.receive('output', how)
    expect(first.map(({ body }) => Number(body))).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
    expect(await queues.depth('output')).toEqual({ visible: 4990, inFlight: 10, delayed: 0 })
  })

  it('keeps messages for two weeks, as SQS does, and no longer', async () => {
    const { queues, clock } = scaler
    await queues.send(
      'output',
      Array.from({ length: 450 }, () => ({ body: 'old' })),
    )
    await clock.advance(13 * DAY_MS)
    await queues.send('output', [{ body: 'young' }])
    expect(await queues.depth('output')).toMatchObject({ visible: 451 })
    for (let send = 0; send < 4; send += 1) {
      await clock.advance(DAY_MS)
      await queues.send('output', [{ body: 'young' }])
    }
    expect(await queues.depth('output')).toMatchObject({ visible: 5 })
  })

  it.each([
    ['removed', undefined],
    ['written over with more than a message holds', Buffer.alloc(300_000)],
  ])('still tells of a job whose answer has been %s: with a pointer', async (_, answer) => {
    const stored = await finishedQuery()
    const { id, result } = stored.job
    const key = result?.key ?? ''
    if (answer !== undefined)
      await scaler.files.put({ key, body: answer, contentType: 'text/plain' })
    await sendEnd(scaler.deps, stored)
    expect(await scaler.messages('output')).toMatchObject([{ jobId: id, resultKey: key }])
  })
})

test('an end is told with a pointer within seconds when the store of answers hangs', async () => {
  const stored = await finishedQuery()
  const files = Object.assign(Object.create(scaler.files) as Files, {
    read: () => new Promise<never>(() => undefined),
  })
  const told = sendEnd({ ...scaler.deps, files }, stored)
  await scaler.clock.advance(3000)
  await told
  expect(await scaler.messages('output')).toMatchObject([{ jobId: stored.job.id }])
})

async function finishedQuery() {
  const { id } = await scaler.addJob(scaler.runningJob('w1'))
  const prefix = attemptPrefix(id, 1)
  const result = { key: resultKey(prefix), bytes: 20, contentType: 'text/plain' }
  const end = { reason: 'completed', message: 'answered 200' } as const
  const outcome = { status: 'succeeded', end, prefix, retryable: false, result } as const
  const holder = { workerId: 'w1', attempt: 1 }
  const ended = await changeJob(scaler.table, { id }, (job: Job) =>
    finish(job, { holder, outcome }, scaler.clock.now()),
  )
  if (!ended.ok) throw new Error(ended.why)
  return ended.stored
}
