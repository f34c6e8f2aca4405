import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Embedded, openEmbedded } from '../../../lib/adapters/open-embedded.ts'
import { MAX_RECEIVES, type Message, type Receive } from '../../../lib/ports/queues.ts'
import { PortUnavailable } from '../../../lib/ports/port-unavailable.ts'
import { FakeClock } from '../../support/fake-clock.ts'

const DAY_MS = 86_400_000
const NOW: Receive = { max: 10, waitSeconds: 0, visibilitySeconds: 30 }

describe('queues in SQLite', () => {
  let clock: FakeClock
  let stores: Embedded

  beforeEach(() => {
    clock = new FakeClock()
    stores = openEmbedded({ stateDir: ':memory:', clock })
  })
  afterEach(() => stores.close())

  const receive = (how: Partial<Receive> = {}): Promise<Message[]> =>
    stores.queues.receive('command', { ...NOW, ...how })

  test('bring the oldest message first', async () => {
    for (const body of ['1', '2', '3']) {
      await stores.queues.send('command', [{ body }])
      await clock.advance(10)
    }
    expect((await receive({ max: 2 })).map(({ body }) => body)).toEqual(['1', '2'])
  })

  test('show a held message again exactly when its visibility is over', async () => {
    await stores.queues.send('command', [{ body: 'held' }])
    await receive({ visibilitySeconds: 30 })
    await clock.advance(29_999)
    expect(await receive()).toEqual([])
    await clock.advance(1)
    expect(await receive()).toMatchObject([{ body: 'held', receiveCount: 2 }])
  })

  test('bring a message once in one receive, however short it is held', async () => {
    await stores.queues.send('command', [{ body: 'not held' }])
    expect(await receive({ visibilitySeconds: 0 })).toHaveLength(1)
    expect(await receive()).toMatchObject([{ receiveCount: 2 }])
  })

  test('let an old receipt touch nothing once the message was received again', async () => {
    await stores.queues.send('command', [{ body: 'moved on' }])
    const [first] = await receive({ visibilitySeconds: 1 })
    await clock.advance(1_000)
    const [second] = await receive({ visibilitySeconds: 30 })
    await stores.queues.delete('command', [first?.receipt ?? ''])
    await stores.queues.handBack('command', [first?.receipt ?? ''], 0)
    expect(await receive()).toEqual([])
    await stores.queues.handBack('command', [second?.receipt ?? ''], 0)
    expect(await receive()).toMatchObject([{ receiveCount: 3 }])
  })

  test('make no dead letter before the last receive allowed', async () => {
    await stores.queues.send('command', [{ body: 'often' }])
    for (let count = 1; count <= MAX_RECEIVES; count += 1) {
      expect(await receive({ visibilitySeconds: 0 })).toMatchObject([{ receiveCount: count }])
    }
    expect(await receive()).toEqual([])
    expect(await stores.queues.receive('dead', NOW)).toMatchObject([{ body: 'often' }])
    expect(await stores.queues.depth('command')).toEqual({ visible: 0, inFlight: 0, delayed: 0 })
  })

  test('keep a dead letter for as long as it is read and not deleted', async () => {
    const strict = openEmbedded({ stateDir: ':memory:', clock, maxReceives: 1 })
    await strict.queues.send('query', [{ body: 'poison' }])
    await strict.queues.receive('query', { ...NOW, visibilitySeconds: 0 })
    expect(await strict.queues.receive('query', NOW)).toEqual([])
    for (let reads = 0; reads < 5; reads += 1) {
      expect(await strict.queues.receive('dead', { ...NOW, visibilitySeconds: 0 })).toHaveLength(1)
    }
    await strict.close()
  })

  test('reach the messages behind many dead letters in one receive', async () => {
    const strict = openEmbedded({ stateDir: ':memory:', clock, maxReceives: 1 })
    await strict.queues.send(
      'query',
      Array.from({ length: 95 }, () => ({ body: 'poison' })),
    )
    for (let count = 0; count < 10; count += 1) await strict.queues.receive('query', NOW)
    await clock.advance(30_000)
    await strict.queues.send('query', [{ body: 'good' }])
    expect((await strict.queues.receive('query', NOW)).map(({ body }) => body)).toEqual(['good'])
    expect(await strict.queues.depth('dead')).toMatchObject({ visible: 95 })
    await strict.close()
  })

  test('forget messages after 14 days, a few at a time', async () => {
    await stores.queues.send(
      'output',
      Array.from({ length: 250 }, () => ({ body: 'old' })),
    )
    await clock.advance(14 * DAY_MS)
    await stores.queues.send('output', [{ body: 'at the limit' }])
    expect((await stores.queues.depth('output')).visible).toBe(251)
    await clock.advance(61_000)
    await stores.queues.send('output', [{ body: 'new' }])
    expect((await stores.queues.depth('output')).visible).toBe(52)
    await clock.advance(2_000)
    await stores.queues.send('output', [{ body: 'new' }])
    expect((await stores.queues.depth('output')).visible).toBe(3)
  })

  test('wake a receive that waits without a turn of the clock when a message is sent', async () => {
    const waiting = receive({ waitSeconds: 20 })
    await stores.queues.send('command', [{ body: 'now' }])
    expect(await waiting).toMatchObject([{ body: 'now' }])
  })

  test('end a receive that waits when the stores are closed', async () => {
    const waiting = receive({ waitSeconds: 20 })
    await clock.advance(100)
    await stores.close()
    expect(await waiting).toEqual([])
    await expect(receive()).rejects.toThrow(PortUnavailable)
  })

  test('wait for as long as told by the clock', async () => {
    let answer: Message[] | undefined
    const waiting = receive({ waitSeconds: 5 }).then((messages) => {
      answer = messages
    })
    await clock.advance(4_900)
    expect(answer).toBeUndefined()
    await clock.advance(200)
    await waiting
    expect(answer).toEqual([])
  })

  test('refuse what SQS would not take', async () => {
    const { queues } = stores
    await expect(queues.send('command', [{ body: '' }])).rejects.toThrow('bytes of a message is 0')
    await expect(queues.send('command', [{ body: 'x', delaySeconds: 901 }])).rejects.toThrow(
      'delaySeconds is 901; allowed: 0 to 900',
    )
    await expect(receive({ max: 11 })).rejects.toThrow('max is 11; allowed: 1 to 10')
    await expect(receive({ waitSeconds: 21 })).rejects.toThrow('waitSeconds is 21')
    await expect(queues.delete('command', ['made up'])).rejects.toThrow('not a receipt')
  })
})
