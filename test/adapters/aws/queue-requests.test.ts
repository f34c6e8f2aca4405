import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { json } from './scripted-server.ts'
import { scriptedQueues } from './scripted-stores.ts'

const scripted = scriptedQueues()

const RECEIVE = { max: 3, waitSeconds: 0.2, visibilitySeconds: 59.1 }

function messageOf(body: string, attributes: object): object {
  const MD5OfBody = createHash('md5').update(body).digest('hex')
  return {
    MessageId: 'id',
    ReceiptHandle: 'receipt',
    Body: body,
    MD5OfBody,
    Attributes: attributes,
  }
}

describe('a receive', () => {
  test('asks for whole seconds, never for fewer than it was told', async () => {
    const queues = await scripted.open(() => json({}))
    expect(await queues.receive('command', RECEIVE)).toEqual([])
    expect(scripted.bodies()).toMatchObject([
      { MaxNumberOfMessages: 3, WaitTimeSeconds: 1, VisibilityTimeout: 60 },
    ])
  })

  test('answers what SQS counts', async () => {
    const Attributes = { ApproximateReceiveCount: '2', SentTimestamp: '1700000000000' }
    const queues = await scripted.open(() => json({ Messages: [messageOf('{}', Attributes)] }))
    expect(await queues.receive('command', RECEIVE)).toEqual([
      { id: 'id', receipt: 'receipt', body: '{}', receiveCount: 2, sentAtMs: 1_700_000_000_000 },
    ])
  })

  test.each([
    ['no message', { ...RECEIVE, max: 0 }],
    ['eleven messages', { ...RECEIVE, max: 11 }],
    ['a wait of more than 20 s', { ...RECEIVE, waitSeconds: 20.5 }],
  ])('of %s is refused', async (_, how) => {
    const queues = await scripted.open(() => json({}))
    await expect(queues.receive('command', how)).rejects.toThrow(RangeError)
    expect(scripted.received()).toHaveLength(0)
  })

  test('that is given up before it begins asks nothing', async () => {
    const queues = await scripted.open(() => json({}))
    const signal = AbortSignal.abort()
    expect(await queues.receive('command', { ...RECEIVE, signal })).toEqual([])
    expect(scripted.received()).toHaveLength(0)
  })
})

describe('a message that is sent', () => {
  test('waits for whole seconds, at most a quarter of an hour', async () => {
    const queues = await scripted.open(() => json({}))
    await queues.send('command', [{ body: '{}', delaySeconds: 899.5 }, { body: '{}' }])
    expect(scripted.bodies()).toMatchObject([
      { Entries: [{ DelaySeconds: 900 }, { DelaySeconds: 0 }] },
    ])
    const late = queues.send('command', [{ body: '{}', delaySeconds: 900.5 }])
    await expect(late).rejects.toThrow(RangeError)
  })

  test('may hold any character of a log line', async () => {
    const queues = await scripted.open(() => json({}))
    const line = 'a\u0000\b\u001b[0m\ufffe\n\tü'
    await queues.send('command', [{ body: `"${line.replace('\n', String.raw`\n`)}"` }])
    const [{ Entries } = {}] = scripted.bodies()
    const [{ MessageBody }] = Entries as [{ MessageBody: string }]
    expect(MessageBody).toBe(String.raw`"a\u0000\u0008\u001b[0m\ufffe\n` + '\tü"')
  })

  test('larger than a batch is refused', async () => {
    const queues = await scripted.open(() => json({}))
    const send = (bytes: number) => queues.send('command', [{ body: 'x'.repeat(bytes) }])
    await send(1_048_576)
    await expect(send(1_048_577)).rejects.toThrow(/at most 1 MiB/)
  })
})

test('the depth of a queue is its three counts', async () => {
  const Attributes = {
    ApproximateNumberOfMessages: '1',
    ApproximateNumberOfMessagesNotVisible: '2',
    ApproximateNumberOfMessagesDelayed: '3',
  }
  const queues = await scripted.open(() => json({ Attributes }))
  expect(await queues.depth('command')).toEqual({ visible: 1, inFlight: 2, delayed: 3 })
  expect(scripted.bodies()[0]?.['AttributeNames']).toEqual(Object.keys(Attributes))
})

test('a message is handed back for whole seconds', async () => {
  const queues = await scripted.open(() => json({}))
  await queues.handBack('command', ['receipt'], 4.2)
  expect(scripted.bodies()).toMatchObject([{ Entries: [{ VisibilityTimeout: 5 }] }])
})
