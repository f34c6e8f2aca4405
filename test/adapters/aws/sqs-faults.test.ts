import { describe, expect, test } from 'vitest'
import { PortUnavailable } from '../../../lib/ports/port-unavailable.ts'
import { waitFor } from '../../support/wait-for.ts'
import { json, jsonError, type Received, type Reply } from './scripted-server.ts'
import { scriptedQueues } from './scripted-stores.ts'

const scripted = scriptedQueues()

const RECEIVE = { max: 1, waitSeconds: 0, visibilitySeconds: 60 }

function entriesOf({ body }: Received): { Id: string; MessageBody?: string }[] {
  return (JSON.parse(String(body)) as { Entries: { Id: string }[] }).Entries
}

function failed(entries: readonly { Id: string }[], Code: string, SenderFault = false): Reply {
  const Failed = entries.map(({ Id }) => ({ Id, Code, SenderFault, Message: 'for the test' }))
  return json({ Successful: [], Failed })
}

describe('queues out of reach are said to be so, and never empty', () => {
  test.each([
    ['server faults', jsonError('InternalError', 500)],
    ['throttles', jsonError('ThrottlingException')],
    ['knows no such queue', jsonError('QueueDoesNotExist')],
    ['drops connections', 'drop'],
    ['hangs', 'hang'],
    ['leaves a count out', json({ Attributes: { ApproximateNumberOfMessages: '0' } })],
  ] satisfies [string, Reply][])('while SQS %s', async (_, reply) => {
    const opened = await scripted.open(() => reply)
    await expect(opened.depth('command')).rejects.toBeInstanceOf(PortUnavailable)
  })

  test('while a receive hears nothing, soon after the wait it asked for', async () => {
    const opened = await scripted.open(() => 'hang')
    await expect(opened.receive('command', RECEIVE)).rejects.toBeInstanceOf(PortUnavailable)
  })
})

describe('a batch that SQS took only in part', () => {
  test('is repeated for the rest alone', async () => {
    const opened = await scripted.open((request, count) =>
      count === 1 ? failed(entriesOf(request).slice(3, 5), 'InternalError') : json({}),
    )
    const bodies = ['0', '1', '2', '3', '4']
    await opened.send(
      'command',
      bodies.map((body) => ({ body })),
    )
    const sent = scripted
      .received()
      .map((request) => entriesOf(request).map(({ MessageBody }) => MessageBody))
    expect(sent).toEqual([bodies, ['3', '4']])
  })

  test('is an error when the rest is never taken', async () => {
    const opened = await scripted.open((request) => failed(entriesOf(request), 'InternalError'))
    const sending = opened.send('command', [{ body: 'x' }])
    await expect(sending).rejects.toBeInstanceOf(PortUnavailable)
    expect(scripted.received().length).toBeLessThan(10)
  })

  test('is a fault of the caller where SQS says so, and not repeated', async () => {
    const opened = await scripted.open((request) =>
      failed(entriesOf(request), 'InvalidMessageContents', true),
    )
    const sending = opened.send('command', [{ body: 'x' }])
    await expect(sending).rejects.toBeInstanceOf(RangeError)
    expect(scripted.received()).toHaveLength(1)
  })
})

test('batches hold at most ten messages and 1 MiB', async () => {
  const opened = await scripted.open(() => json({}))
  const sizes = [600_000, 600_000, ...Array.from({ length: 12 }, () => 10)]
  await opened.send(
    'command',
    sizes.map((size) => ({ body: 'x'.repeat(size) })),
  )
  expect(scripted.received().map((request) => entriesOf(request).length)).toEqual([1, 10, 3])
})

test.each(['ReceiptHandleIsInvalid', 'InvalidParameterValue', 'MessageNotInflight'])(
  'a receipt that has lapsed (%s) is no error',
  async (code) => {
    const opened = await scripted.open((request) => failed(entriesOf(request), code, true))
    await opened.delete('command', ['receipt'])
    await opened.handBack('command', ['receipt'], 0)
    expect(scripted.received()).toHaveLength(2)
  },
)

test('a wish beyond the 12 hours of SQS is shortened to them', async () => {
  const opened = await scripted.open(() => json({}))
  await opened.handBack('command', ['receipt'], 90_000)
  expect(entriesOf(scripted.received()[0] as Received)).toMatchObject([
    { VisibilityTimeout: 43_200 },
  ])
})

test('what a receive that was given up still brings is handed back before the queues close', async () => {
  const arrival = Promise.withResolvers<Reply>()
  const opened = await scripted.open(({ action }) =>
    action === 'ReceiveMessage' ? arrival.promise : json({}),
  )
  const giveUp = new AbortController()
  const receiving = opened.receive('command', { ...RECEIVE, signal: giveUp.signal })
  await waitFor('the poll', () => scripted.received().length === 1)
  giveUp.abort()
  expect(await receiving).toEqual([])
  const Attributes = { ApproximateReceiveCount: '1', SentTimestamp: '1' }
  const message = { MessageId: 'id', ReceiptHandle: 'late', Body: '{}', Attributes }
  arrival.resolve(
    json({ Messages: [{ ...message, MD5OfBody: '99914b932bd37a50b983c5e7c90ae93b' }] }),
  )
  await opened.close()
  const [, handBack] = scripted.received()
  expect(handBack?.action).toBe('ChangeMessageVisibilityBatch')
  const entry = { ReceiptHandle: 'late', VisibilityTimeout: 0 }
  expect(entriesOf(handBack as Received)).toMatchObject([entry])
})

test('a service without a queue for a task type says so', async () => {
  const opened = await scripted.open(() => json({}))
  await expect(opened.depth('query')).rejects.toThrow(/no queue query/)
})
