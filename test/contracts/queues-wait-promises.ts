import { expect } from 'vitest'
import type { Message, Queues } from '../../lib/ports/queues.ts'
import { waitFor } from '../support/wait-for.ts'

/** Longer than any of these tests waits: who waits this long has missed something. */
const LONG_SECONDS = 20

function poll(queues: Queues, waitSeconds: number, signal?: AbortSignal): Promise<Message[]> {
  const how = { max: 1, waitSeconds, visibilitySeconds: 60 }
  return queues.receive('command', signal === undefined ? how : { ...how, signal })
}

/** How long something took, with its answer. */
async function timed<T>(attempt: Promise<T>): Promise<{ ms: number; answer: T }> {
  const startMs = performance.now()
  const answer = await attempt
  return { ms: performance.now() - startMs, answer }
}

export const QUEUE_WAIT_PROMISES = {
  'a receive that need not wait answers at once': async (queues: Queues) => {
    const { ms, answer } = await timed(poll(queues, 0))
    expect(answer).toEqual([])
    expect(ms).toBeLessThan(5_000)
  },

  'a receive waits as long as told where nothing comes': async (queues: Queues) => {
    const { ms, answer } = await timed(poll(queues, 2))
    expect(answer).toEqual([])
    expect(ms).toBeGreaterThan(1_500)
    expect(ms).toBeLessThan(10_000)
  },

  'a receive that waits answers as soon as a message is sent': async (queues: Queues) => {
    const waiting = timed(poll(queues, LONG_SECONDS))
    await queues.send('command', [{ body: 'wake up' }])
    const { ms, answer } = await waiting
    expect(answer.map(({ body }) => body)).toEqual(['wake up'])
    expect(ms).toBeLessThan(10_000)
  },

  'a receive that waits answers when a message is handed back': async (queues: Queues) => {
    await queues.send('command', [{ body: 'handed' }])
    const [held] = await waitFor('the message', async () => {
      const messages = await poll(queues, 1)
      return messages.length > 0 && messages
    })
    const waiting = timed(poll(queues, LONG_SECONDS))
    await queues.handBack('command', [held?.receipt ?? ''], 0)
    const { ms, answer } = await waiting
    expect(answer.map(({ body }) => body)).toEqual(['handed'])
    expect(ms).toBeLessThan(10_000)
  },

  'a receive that waits answers when a delay is over': async (queues: Queues) => {
    await queues.send('command', [{ body: 'delayed', delaySeconds: 1 }])
    const { ms, answer } = await timed(poll(queues, LONG_SECONDS))
    expect(answer.map(({ body }) => body)).toEqual(['delayed'])
    expect(ms).toBeLessThan(10_000)
  },

  'a receive that is given up answers empty, and holds no message': async (queues: Queues) => {
    const giveUp = new AbortController()
    const waiting = timed(poll(queues, LONG_SECONDS, giveUp.signal))
    giveUp.abort()
    const { ms, answer } = await waiting
    expect(answer).toEqual([])
    expect(ms).toBeLessThan(5_000)
    await queues.send('command', [{ body: 'for the next' }])
    const [next] = await waitFor(
      'the message, long before its visibility',
      async () => {
        const messages = await poll(queues, 1)
        return messages.length > 0 && messages
      },
      30_000,
    )
    expect(next?.body).toBe('for the next')
  },

  'a receive that is given up before it starts takes nothing': async (queues: Queues) => {
    await queues.send('command', [{ body: 'stays' }])
    expect(await poll(queues, LONG_SECONDS, AbortSignal.abort())).toEqual([])
    expect((await poll(queues, 5)).map(({ receiveCount }) => receiveCount)).toEqual([1])
  },
}
