import { afterEach, describe, expect, test } from 'vitest'
import { InFlightLimit } from '../../lib/api/submit/in-flight-limit.ts'
import type { Queues } from '../../lib/ports/queues.ts'
import { systemClock } from '../../lib/adapters/node/system-clock.ts'
import { anApi, readAnswer, type TestApi } from './an-api.ts'

const MIB = 1024 ** 2

let api: TestApi | undefined
afterEach(() => api?.close())

function requestOf(bytes: number): Request {
  const headers = { 'content-length': String(bytes) }
  return new Request('http://x.test', { method: 'POST', headers })
}

describe('submits in flight, with the bounds as shipped', () => {
  /** Submits that stay in flight until the test ends. */
  function fill(limit: InFlightLimit, count: number, bytes: number): void {
    const never = () => new Promise<never>(() => undefined)
    for (let each = 0; each < count; each += 1) {
      void limit.within(requestOf(bytes), 64 * MIB, never)
    }
  }

  test('have 64 MiB of bodies together', async () => {
    const limit = new InFlightLimit(systemClock)
    fill(limit, 64, MIB)
    await expect(limit.within(requestOf(1), MIB, async () => 'taken')).rejects.toMatchObject({
      code: 'too-many-requests',
      retryAfterSeconds: 2,
      details: [{ allowed: 'at most 67108864 bytes' }],
    })
  })

  test('are 400 at a time, whatever their size', async () => {
    const limit = new InFlightLimit(systemClock)
    fill(limit, 399, 0)
    await expect(limit.within(requestOf(0), MIB, async () => 'taken')).resolves.toBe('taken')
    fill(limit, 1, 0)
    await expect(limit.within(requestOf(0), MIB, async () => 'taken')).rejects.toMatchObject({
      details: [{ got: '400 submits under way', allowed: 'fewer than 400' }],
    })
  })

  test('give their place back, also when they fail', async () => {
    const limit = new InFlightLimit(systemClock, { maxSubmits: 1 })
    const failing = limit.within(requestOf(1), MIB, () => Promise.reject(new Error('no')))
    await expect(failing).rejects.toThrow('no')
    await expect(limit.within(requestOf(1), MIB, async () => 'taken')).resolves.toBe('taken')
  })
})

test('a cancel is answered only once the end message was sent: after the answer nothing may run', async () => {
  const stores = anApi()
  const order: string[] = []
  const queues = Object.assign(Object.create(stores.queues), {
    send: async (...args: Parameters<Queues['send']>) => {
      if (args[0] === 'output') await systemClock.sleep(50)
      await stores.queues.send(...args)
      order.push(args[0])
    },
  }) as Queues
  api = anApi({ ports: { queues, table: stores.table } })
  const accepted = await api.post('/jobs', { taskType: 'command', command: 'true' })
  const { id } = await readAnswer<{ id: string }>(accepted)
  const answer = await api.post(`/jobs/${id}/cancel`, '')
  order.push('answer')
  expect(answer.status).toBe(200)
  expect(order).toEqual(['command', 'output', 'answer'])
  await stores.close()
})
