import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { StoreSettings } from '../../../../lib/adapters/aws/aws-settings.ts'
import { SqsQueues } from '../../../../lib/adapters/aws/sqs/sqs-queues.ts'
import { PortUnavailable } from '../../../../lib/ports/port-unavailable.ts'
import { createQueues } from '../../../adapters/aws/create-queues.ts'
import { hasEmulators } from '../../../adapters/aws/emulator.ts'
import { waitFor } from '../../../support/wait-for.ts'
import type { PlannedFault } from '../../../../tools/faults/aws/fault-plan.ts'
import {
  type AwsStand,
  type FaultyWay,
  openAwsStand,
} from '../../../../tools/faults/aws/open-aws-stand.ts'
import {
  falseBatchFailure,
  partialBatch,
  zeroCount,
} from '../../../../tools/faults/aws/sqs-faults.ts'
import { always, makeStorm } from '../../../../tools/faults/aws/storms.ts'

const SEED = 44
const RECEIVE = { max: 10, waitSeconds: 1, visibilitySeconds: 2 }

describe.skipIf(!hasEmulators)('the queues, while their calls fail', () => {
  let stand: AwsStand
  let queueUrls: StoreSettings['queueUrls']
  let way: FaultyWay
  let queues: SqsQueues
  let truth: SqsQueues

  beforeAll(async () => {
    stand = await openAwsStand()
  })
  afterAll(() => stand?.close())
  beforeEach(async () => {
    const limits = { maxReceives: 1000, maxMessageBytes: 262_144 }
    queueUrls = await createQueues(stand.direct.endpoint ?? '', limits)
    truth = new SqsQueues({ ...stand.direct, queueUrls })
  })
  afterEach(async () => {
    await Promise.all([queues.close(), truth.close()])
  })

  async function openQueues(faults: PlannedFault[]): Promise<void> {
    way = await stand.behind(SEED, faults)
    const limits = { queues: { tryMs: 500, callMs: 3000, maxTries: 3 } }
    queues = new SqsQueues({ ...way.settings, queueUrls, limits })
  }

  test('every message that was sent is received, doubled or late or after many tries', async () => {
    await openQueues(makeStorm(Date.now))
    const bodies = Array.from({ length: 40 }, (_, at) => `message ${at}`)
    await untilDone(() => queues.send('command', bodies.map(toMessage)))
    const seen = new Set<string>()
    await waitFor('all messages', async () => {
      const messages = await queues.receive('command', RECEIVE)
      for (const { body } of messages) seen.add(body)
      await queues.delete(
        'command',
        messages.map(({ receipt }) => receipt),
      )
      return seen.size === bodies.length
    })
    expect([...seen].toSorted()).toEqual(bodies.toSorted())
  })

  test('what was deleted is gone, also where SQS said of a part that it failed', async () => {
    await openQueues([{ fault: partialBatch, share: 0.7 }])
    const bodies = Array.from({ length: 10 }, (_, at) => `message ${at}`)
    await truth.send('command', bodies.map(toMessage))
    const messages = await truth.receive('command', { ...RECEIVE, visibilitySeconds: 60 })
    const receipts = messages.map(({ receipt }) => receipt)
    await queues.delete('command', receipts)
    expect(way.proxy.counts.get(partialBatch.kind)).toBeGreaterThan(0)
    expect(await truth.depth('command')).toEqual({ visible: 0, inFlight: 0, delayed: 0 })
  })

  test('a delete of which SQS says that it failed though it did not is no harm', async () => {
    await openQueues([{ fault: falseBatchFailure, share: 0.6 }])
    await truth.send('command', [toMessage('one')])
    const messages = await truth.receive('command', RECEIVE)
    await queues.delete(
      'command',
      messages.map(({ receipt }) => receipt),
    )
    expect(await truth.depth('command')).toEqual({ visible: 0, inFlight: 0, delayed: 0 })
  })

  test('a send of which SQS takes nothing is an error', async () => {
    await openQueues(always(falseBatchFailure))
    await expect(queues.send('command', [toMessage('one')])).rejects.toBeInstanceOf(PortUnavailable)
    // It says nothing about the queue: here it has the message, several times.
    expect((await truth.depth('command')).visible).toBeGreaterThan(1)
  })

  test('a count may be wrong, and is only ever an estimate', async () => {
    await openQueues(always(zeroCount))
    await truth.send('command', [toMessage('one')])
    expect((await queues.depth('command')).visible).toBe(0)
    expect((await truth.depth('command')).visible).toBe(1)
  })
})

function toMessage(body: string): { body: string } {
  return { body }
}

async function untilDone(action: () => Promise<void>): Promise<void> {
  await waitFor('an answer', async () => {
    await action()
    return true
  })
}
