import { expect } from 'vitest'
import type { Message, QueueName, Queues } from '../../lib/ports/queues.ts'
import { waitFor } from '../support/wait-for.ts'
import { type ContractOptions, defineContract, type OpenedPort } from './define-contract.ts'
import { QUEUE_WAIT_PROMISES } from './queues-wait-promises.ts'

/** The queues of the contract move a message to `dead` after this many receives. */
const CONTRACT_MAX_RECEIVES = 3

/**
 * What all queues promise (`lib/ports/queues.ts`). Each promise gets queues of its own, empty, with
 * `maxReceives` instead of MAX_RECEIVES.
 */
export function defineQueuesContract(
  name: string,
  make: (settings: { readonly maxReceives: number }) => Promise<OpenedPort<Queues>>,
  options?: ContractOptions,
): void {
  defineContract({
    name: 'queues',
    adapter: name,
    make: () => make({ maxReceives: CONTRACT_MAX_RECEIVES }),
    options,
    promises: { ...MESSAGE_PROMISES, ...VISIBILITY_PROMISES, ...QUEUE_WAIT_PROMISES },
  })
}

const HOUR_SECONDS = 3_600

function receive(queues: Queues, queue: QueueName, visibilitySeconds = 60): Promise<Message[]> {
  return queues.receive(queue, { max: 10, waitSeconds: 1, visibilitySeconds })
}

async function receiveOne(queues: Queues, visibilitySeconds = 60): Promise<Message> {
  const found = await waitFor('a message', async () => {
    const how = { max: 1, waitSeconds: 1, visibilitySeconds }
    return (await queues.receive('command', how))[0]
  })
  return found
}

/** Receives until `count` different messages are there. */
async function receiveAll(queues: Queues, queue: QueueName, count: number): Promise<Message[]> {
  const found = new Map<string, Message>()
  await waitFor(`${count} messages`, async () => {
    for (const message of await receive(queues, queue, HOUR_SECONDS)) found.set(message.id, message)
    return found.size >= count
  })
  return [...found.values()]
}

const bodiesOf = (messages: readonly Message[]): string[] => messages.map(({ body }) => body).sort()

const MESSAGE_PROMISES = {
  'a message arrives as it was sent': async (queues: Queues) => {
    const body = JSON.stringify({ text: 'naïve 東京 🚂 <&>"\' \n\t', list: [1] })
    const sentAtMs = Date.now()
    await queues.send('command', [{ body }])
    const message = await receiveOne(queues)
    expect(message.body).toBe(body)
    expect(message.receiveCount).toBe(1)
    expect(Math.abs(message.sentAtMs - sentAtMs)).toBeLessThan(60_000)
  },

  'characters that no queue carries arrive as the same JSON': async (queues: Queues) => {
    const value = { text: 'bell \u0007 escape \u001b[0m nul \u0000' }
    await queues.send('command', [{ body: JSON.stringify(value) }])
    expect(JSON.parse((await receiveOne(queues)).body)).toEqual(value)
  },

  'a message may have 1 MiB and not more': async (queues: Queues) => {
    const body = 'é'.repeat(524_288)
    await expect(queues.send('command', [{ body: `${body}x` }])).rejects.toBeInstanceOf(Error)
    await queues.send('command', [{ body }])
    const { body: received } = await receiveOne(queues)
    expect(received === body).toBe(true)
  },

  'any number of messages is sent at once': async (queues: Queues) => {
    const bodies = Array.from({ length: 45 }, (_, at) => `message ${at}`)
    await queues.send(
      'output',
      bodies.map((body) => ({ body })),
    )
    const received = await receiveAll(queues, 'output', bodies.length)
    expect(bodiesOf(received)).toEqual(bodies.toSorted())
  },

  'large messages are sent at once too': async (queues: Queues) => {
    const bodies = Array.from({ length: 6 }, (_, at) => String(at).repeat(400_000))
    await queues.send(
      'output',
      bodies.map((body) => ({ body })),
    )
    const received = await receiveAll(queues, 'output', bodies.length)
    const sizes = bodiesOf(received).map((body) => [body[0], body.length])
    expect(sizes).toEqual(bodies.map((body) => [body[0], body.length]))
  },

  'sending, deleting and handing back nothing is no error': async (queues: Queues) => {
    await queues.send('command', [])
    await queues.delete('command', [])
    await queues.handBack('command', [], 0)
    expect(
      await queues.receive('command', { max: 10, waitSeconds: 0, visibilitySeconds: 1 }),
    ).toEqual([])
  },

  'queues do not mix': async (queues: Queues) => {
    await queues.send('command', [{ body: 'for commands' }])
    await queues.send('query', [{ body: 'for queries' }])
    expect(await receive(queues, 'output')).toEqual([])
    expect(bodiesOf(await receiveAll(queues, 'query', 1))).toEqual(['for queries'])
    expect(bodiesOf(await receiveAll(queues, 'command', 1))).toEqual(['for commands'])
  },

  'a receive brings no more than asked for': async (queues: Queues) => {
    await queues.send(
      'command',
      Array.from({ length: 5 }, (_, at) => ({ body: String(at) })),
    )
    const how = { max: 2, waitSeconds: 1, visibilitySeconds: 60 }
    const messages = await queues.receive('command', how)
    expect(messages.length).toBeGreaterThan(0)
    expect(messages.length).toBeLessThanOrEqual(2)
  },

  'several receivers get every message between them': async (queues: Queues) => {
    const bodies = Array.from({ length: 30 }, (_, at) => `message ${at}`)
    await queues.send(
      'command',
      bodies.map((body) => ({ body })),
    )
    const seen = new Set<string>()
    const receiveSome = async (): Promise<void> => {
      await waitFor('all messages', async () => {
        for (const { body } of await receive(queues, 'command', HOUR_SECONDS)) seen.add(body)
        return seen.size >= bodies.length
      })
    }
    await Promise.all([receiveSome(), receiveSome(), receiveSome()])
    expect([...seen].toSorted()).toEqual(bodies.toSorted())
  },

  'a deleted message does not come back': async (queues: Queues) => {
    await queues.send('command', [{ body: 'once' }])
    const { receipt } = await receiveOne(queues, 1)
    await queues.delete('command', [receipt])
    const how = { max: 1, waitSeconds: 2, visibilitySeconds: 1 }
    expect(await queues.receive('command', how)).toEqual([])
  },

  'deleting twice is no error': async (queues: Queues) => {
    await queues.send('command', [{ body: 'twice' }])
    const { receipt } = await receiveOne(queues)
    await queues.delete('command', [receipt])
    await queues.delete('command', [receipt])
  },

  'many messages are deleted at once': async (queues: Queues) => {
    await queues.send(
      'output',
      Array.from({ length: 25 }, (_, at) => ({ body: String(at) })),
    )
    const received = await receiveAll(queues, 'output', 25)
    await queues.delete(
      'output',
      received.map(({ receipt }) => receipt),
    )
    await waitFor('an empty queue', async () => {
      const { visible, inFlight } = await queues.depth('output')
      return visible + inFlight === 0
    })
  },
}

const VISIBILITY_PROMISES = {
  'a message that is held is hidden from others': async (queues: Queues) => {
    await queues.send('command', [{ body: 'held' }])
    await receiveOne(queues)
    expect(await receive(queues, 'command')).toEqual([])
  },

  'a message neither deleted nor handed back shows again, with a new receipt': async (
    queues: Queues,
  ) => {
    await queues.send('command', [{ body: 'again' }])
    const first = await receiveOne(queues, 1)
    const second = await receiveOne(queues)
    expect(second).toMatchObject({ id: first.id, body: 'again', receiveCount: 2 })
    expect(second.receipt).not.toBe(first.receipt)
  },

  'a message handed back shows again at once': async (queues: Queues) => {
    await queues.send('command', [{ body: 'back' }])
    const { receipt } = await receiveOne(queues, HOUR_SECONDS)
    await queues.handBack('command', [receipt], 0)
    expect((await receiveOne(queues)).receiveCount).toBe(2)
  },

  'a message handed back for later stays hidden until then': async (queues: Queues) => {
    await queues.send('command', [{ body: 'later' }])
    const { receipt } = await receiveOne(queues, HOUR_SECONDS)
    const backAtMs = Date.now()
    await queues.handBack('command', [receipt], 2)
    expect((await receiveOne(queues)).body).toBe('later')
    expect(Date.now() - backAtMs).toBeGreaterThan(900)
  },

  'a receipt that has lapsed is no error': async (queues: Queues) => {
    await queues.send('command', [{ body: 'lapsed' }])
    const first = await receiveOne(queues, 1)
    const second = await receiveOne(queues, HOUR_SECONDS)
    await queues.handBack('command', [first.receipt], 0)
    await queues.delete('command', [second.receipt])
    await queues.handBack('command', [second.receipt], 0)
    await queues.delete('command', [first.receipt])
  },

  'a delayed message shows when its delay is over': async (queues: Queues) => {
    const sentAtMs = Date.now()
    await queues.send('command', [{ body: 'delayed', delaySeconds: 2 }])
    expect((await receiveOne(queues)).body).toBe('delayed')
    expect(Date.now() - sentAtMs).toBeGreaterThan(900)
  },

  'a message received too often becomes a dead letter': async (queues: Queues) => {
    await queues.send('command', [{ body: 'poison' }])
    for (let count = 1; count <= CONTRACT_MAX_RECEIVES; count += 1) {
      const message = await receiveOne(queues, HOUR_SECONDS)
      expect(message.receiveCount).toBe(count)
      await queues.handBack('command', [message.receipt], 0)
    }
    const [letter] = await waitFor('the dead letter', async () => {
      expect(await receive(queues, 'command')).toEqual([])
      const letters = await receive(queues, 'dead')
      return letters.length > 0 && letters
    })
    expect(letter?.body).toBe('poison')
  },

  'the depth tells visible, held and delayed messages apart': async (queues: Queues) => {
    await queues.send('command', [{ body: '1' }, { body: '2' }, { body: '3' }])
    await queues.send('command', [{ body: 'later', delaySeconds: 900 }])
    await receiveOne(queues, HOUR_SECONDS)
    const depth = await waitFor('the depth', async () => {
      const found = await queues.depth('command')
      return found.inFlight === 1 && found.delayed === 1 && found
    })
    expect(depth).toEqual({ visible: 2, inFlight: 1, delayed: 1 })
    expect(await queues.depth('query')).toEqual({ visible: 0, inFlight: 0, delayed: 0 })
  },
}
