import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { toTimestamp } from '../../lib/job/job.ts'
import { look } from '../../lib/scaler/look/look.ts'
import { interfere, lookOften, type OpenScaler, openScaler, withoutSend } from './a-scaler.ts'

let scaler: OpenScaler

beforeEach(() => {
  scaler = openScaler()
})
afterEach(async () => {
  await scaler.close()
})

describe('the end message of a job', () => {
  it('is repeated until it was sent', async () => {
    const end = { reason: 'completed', message: 'done' } as const
    const at = toTimestamp(scaler.clock.now())
    const ended = { status: 'succeeded', attempt: 1, end, endedAt: at, notifyAt: at } as const
    const { id } = await scaler.addJob(ended)
    await lookOften(scaler, 1)
    expect(await scaler.messages('output')).toEqual([])
    const queues = withoutSend(scaler)
    await look({ ...scaler.deps, queues }, 'clock')
    expect(await scaler.job(id)).toMatchObject({ notificationsSent: 1 })
    await scaler.clock.advance(36_000)
    await look(scaler.deps, 'clock')
    expect(await scaler.messages('output')).toMatchObject([{ jobId: id, kind: 'end' }])
    expect((await scaler.job(id))?.notifyAt).toBeUndefined()
  })

  const at = () => toTimestamp(scaler.clock.now())
  const addEnded = () => {
    const end = { reason: 'completed', message: 'done' } as const
    return scaler.addJob({ status: 'succeeded', attempt: 1, end, endedAt: at(), notifyAt: at() })
  }

  it('is left to whoever ended the job for 5 s, and counted in the report when it was sent', async () => {
    await addEnded()
    await addEnded()
    await scaler.clock.advance(4999)
    expect(await look(scaler.deps, 'clock')).toMatchObject({ reaped: { notified: 0 } })
    await scaler.clock.advance(1)
    expect(await look(scaler.deps, 'clock')).toMatchObject({ reaped: { notified: 2 } })
    expect(await scaler.messages('output')).toHaveLength(2)
    expect(await look(scaler.deps, 'clock')).toMatchObject({ reaped: { notified: 0 } })
  })

  it('is sent for 1,000 ends in one look, also where many of the first 500 fail', async () => {
    const ids: string[] = []
    for (let job = 0; job < 1001; job += 1) ids.push((await addEnded()).id)
    await scaler.clock.advance(5000)
    const broken = new Set(ids.slice(0, 500).filter((_id, index) => index % 2 === 0))
    const table = interfere(scaler.table, {
      before: (action, detail) => {
        const isBroken = action === 'write' && [...JSON.stringify(detail).matchAll(/job#(\d+)/g)]
        if (isBroken && isBroken.some(([, id = '']) => broken.has(id)))
          throw new Error('broken row')
      },
    })
    const report = await look({ ...scaler.deps, table }, 'clock')
    expect(report).toMatchObject({ reaped: { notified: 750 } })
    expect((await scaler.queues.depth('output')).visible).toBe(750)
    expect(await look(scaler.deps, 'clock')).toMatchObject({ reaped: { notified: 251 } })
  })

  it('is tried for three jobs in a row, then the queue is left in peace until the next look', async () => {
    for (let job = 0; job < 5; job += 1) await addEnded()
    await scaler.clock.advance(5000)
    let sends = 0
    const queues = withoutSend(scaler, () => (sends += 1))
    await look({ ...scaler.deps, queues }, 'clock')
    expect(sends).toBe(3)
  })
})
